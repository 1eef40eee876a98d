//! Where the window stands and how large it is, for the next start. Wayland tells no place and takes none.

use app::settings::{WindowPlace, WindowSize};
use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Height of a title bar, about.
const TITLE_BAR: f32 = 32.0;

/// So much of the title bar must be on one screen.
const GRIP: Vec2 = vec2(120.0, 24.0);

/// Whether somebody can grab a window at its title bar and move it.
fn can_be_grabbed(window: Rect, screens: &[Rect]) -> bool {
    let bar = Rect::from_min_size(window.min, vec2(window.width(), TITLE_BAR));
    screens.iter().map(|screen| bar.intersect(*screen)).any(|seen| seen.width() >= GRIP.x && seen.height() >= GRIP.y)
}

/// Where a window stands in the middle of a screen, or at its top left corner if it is larger.
fn centered(size: Vec2, screen: Rect) -> Pos2 {
    screen.min + ((screen.size() - size) / 2.0).max(Vec2::ZERO)
}

/// The window as it is now; what is in points there is in the system's, whatever the size of text is.
pub(super) fn current(ctx: &egui::Context) -> WindowSize {
    let size = ctx.content_rect().size() * ctx.zoom_factor();
    let zoom = ctx.zoom_factor();
    ctx.input(|input| {
        let viewport = input.viewport();
        let place = viewport.outer_rect.zip(viewport.native_pixels_per_point).map(|(outer, scale)| WindowPlace {
            x: outer.left() * zoom,
            y: outer.top() * zoom,
            scale,
        });
        WindowSize {
            width: size.x,
            height: size.y,
            is_maximized: viewport.maximized == Some(true) || viewport.fullscreen == Some(true),
            place: place.filter(|place| place.x.is_finite() && place.y.is_finite()),
        }
    })
}

/// What is kept: a window that fills the screen gets back what it had before, and a minimized one has no place.
pub(super) fn kept(before: Option<WindowSize>, now: WindowSize) -> WindowSize {
    match before {
        Some(before) if now.is_maximized => WindowSize { is_maximized: true, ..before },
        Some(before) => WindowSize { place: now.place.or(before.place), ..now },
        None => now,
    }
}

/// Units of the desktop, in which the places of windows and screens are, in a point: points on macOS, else pixels.
fn units(scale: f32) -> f32 {
    if cfg!(target_os = "macos") { 1.0 } else { scale }
}

/// Corrects the place that the new, still hidden window was given: away from where no screen is any more, and for
/// screens of another scale.
pub(super) fn restore(context: &eframe::CreationContext<'_>, window: Option<WindowSize>) {
    let Some((kept, place)) = window.and_then(|kept| Some((kept, kept.place?))) else { return };
    let Some(window) = context.winit_window() else { return };
    let Ok(mut target) = window.outer_position() else { return };
    let scale = window.scale_factor() as f32;
    // The first one is where a window is looked for.
    let screens = window.primary_monitor().into_iter().chain(window.available_monitors()).map(|screen| {
        let (at, size, scale) = (screen.position(), screen.size(), screen.scale_factor() as f32);
        let pixels = Rect::from_min_size(pos2(at.x as f32, at.y as f32), vec2(size.width as f32, size.height as f32));
        pixels * (units(scale) / scale)
    });
    let screens: Vec<Rect> = screens.collect();
    let size = vec2(kept.width, kept.height);
    let then = Rect::from_min_size(pos2(place.x, place.y) * units(place.scale), size * units(place.scale));
    let wanted = if can_be_grabbed(then, &screens) {
        then.min
    } else {
        let Some(screen) = screens.first() else { return };
        centered(size * units(scale), *screen)
    };
    let pixels = wanted * (scale / units(scale));
    let (x, y) = (pixels.x.round() as i32, pixels.y.round() as i32);
    if (x, y) == (target.x, target.y) {
        return;
    }
    (target.x, target.y) = (x, y);
    window.set_outer_position(target);
    if kept.is_maximized {
        // Moving it has taken that back on some systems.
        window.set_maximized(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f32, y: f32, width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(x, y), vec2(width, height))
    }

    #[test]
    fn a_window_is_left_where_its_title_bar_can_be_grabbed() {
        let screens = [rect(0.0, 0.0, 1920.0, 1080.0), rect(-1280.0, 200.0, 1280.0, 1024.0)];
        let at = |x, y| can_be_grabbed(rect(x, y, 900.0, 600.0), &screens);
        assert!(at(0.0, 0.0) && at(1020.0, 480.0) && at(-1280.0, 200.0), "wholly on a screen");
        assert!(at(1800.0, 1056.0) && at(-2060.0, 300.0), "just enough of it");
        assert!(at(-450.0, 500.0), "on two screens");
        for (x, y, why) in [
            (1801.0, 500.0, "119 points of the bar"),
            (500.0, 1057.0, "the bar is at the foot of the screen"),
            (500.0, -32.0, "above all screens"),
            (-900.0, 100.0, "the window is on the second screen, but its bar is above that"),
            (5000.0, 5000.0, "on a screen that is gone"),
        ] {
            assert!(!at(x, y), "{why}");
        }
        assert!(!can_be_grabbed(rect(0.0, 0.0, 900.0, 600.0), &[]));
    }

    #[test]
    fn the_middle_of_a_screen_shows_the_title_bar() {
        let screen = rect(1920.0, 0.0, 1280.0, 1024.0);
        assert_eq!(centered(vec2(900.0, 600.0), screen), pos2(2110.0, 212.0));
        assert_eq!(centered(vec2(3000.0, 600.0), screen), pos2(1920.0, 212.0));
    }

    #[test]
    fn a_window_that_fills_the_screen_or_is_minimized_keeps_the_place_before() {
        let place = |x| Some(WindowPlace { x, y: 20.0, scale: 1.0 });
        let window = |width, is_maximized, place| WindowSize { width, height: 600.0, is_maximized, place };
        let before = window(900.0, false, place(10.0));
        assert_eq!(kept(Some(before), window(1920.0, true, place(0.0))), window(900.0, true, place(10.0)));
        assert_eq!(kept(Some(before), window(950.0, false, place(70.0))), window(950.0, false, place(70.0)));
        assert_eq!(kept(Some(before), window(950.0, false, None)), window(950.0, false, place(10.0)));
        assert_eq!(kept(None, window(1920.0, true, None)), window(1920.0, true, None));
    }

    #[test]
    fn the_place_is_kept_in_points_of_the_system() {
        let ctx = egui::Context::default();
        ctx.set_zoom_factor(1.25);
        let mut found = None;
        for _ in 0..2 {
            let mut input = egui::RawInput { screen_rect: Some(rect(0.0, 0.0, 800.0, 480.0)), ..Default::default() };
            let viewport = input.viewports.entry(egui::ViewportId::ROOT).or_default();
            viewport.native_pixels_per_point = Some(2.0);
            // 150, 50 in pixels, as the window toolkit divides them.
            viewport.outer_rect = Some(rect(150.0, 50.0, 2000.0, 1264.0) / 2.5);
            let mut output = ctx.run_ui(input, |ui| found = Some(current(ui.ctx())));
            output.textures_delta.clear();
        }
        let place = Some(WindowPlace { x: 75.0, y: 25.0, scale: 2.0 });
        assert_eq!(found, Some(WindowSize { width: 1000.0, height: 600.0, is_maximized: false, place }));
        // It is the same after a round trip through the settings, and settings of an earlier version have none.
        let json = serde_json::to_string(&found).expect("JSON");
        assert_eq!(serde_json::from_str::<Option<WindowSize>>(&json).expect("settings"), found);
        let old = r#"{"width":900.0,"height":600.0,"isMaximized":false}"#;
        assert!(serde_json::from_str::<WindowSize>(old).is_ok_and(|window| window.place.is_none()));
    }
}
