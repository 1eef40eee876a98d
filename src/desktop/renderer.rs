//! Which renderer opens the window. Without a graphics card, glow paints about three times the frames of wgpu
//! (llvmpipe against lavapipe); with one, wgpu has the better drivers. Each is the other's fallback.

use eframe::Renderer;
use egui::{IconData, ViewportBuilder};

use app::RendererChoice;
use app::settings::WindowSize;

/// Renderers in the order to try. `TAGSCOPE_RENDERER=glow` or `wgpu` puts one first, else the one that worked last time
/// when the first choice did not.
pub(super) fn candidates(remembered: Option<RendererChoice>) -> [Renderer; 2] {
    let requested = match std::env::var("TAGSCOPE_RENDERER").as_deref() {
        Ok("glow") => Some(RendererChoice::Glow),
        Ok("wgpu") => Some(RendererChoice::Wgpu),
        _ => remembered,
    };
    order(requested, has_graphics_card())
}

/// The renderers in the order in which the window tries them, when `remembered` worked last time.
pub fn renderers(remembered: Option<RendererChoice>) -> [RendererChoice; 2] {
    candidates(remembered).map(choice)
}

/// The name under which a renderer is kept.
pub(super) fn choice(renderer: Renderer) -> RendererChoice {
    match renderer {
        Renderer::Glow => RendererChoice::Glow,
        Renderer::Wgpu => RendererChoice::Wgpu,
    }
}

fn order(requested: Option<RendererChoice>, has_card: bool) -> [Renderer; 2] {
    match requested {
        Some(RendererChoice::Glow) => [Renderer::Glow, Renderer::Wgpu],
        Some(RendererChoice::Wgpu) => [Renderer::Wgpu, Renderer::Glow],
        _ if has_card => [Renderer::Wgpu, Renderer::Glow],
        _ => [Renderer::Glow, Renderer::Wgpu],
    }
}

/// On Linux a card shows as a render node; elsewhere there practically always is one.
fn has_graphics_card() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    std::fs::read_dir("/dev/dri")
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD")))
}

/// The size of the window, within what the program can be used in.
fn size(window: Option<WindowSize>) -> [f32; 2] {
    let window = window.filter(|window| window.width.is_finite() && window.height.is_finite());
    window.map_or([1280.0, 800.0], |window| [window.width.clamp(640.0, 16_384.0), window.height.clamp(420.0, 16_384.0)])
}

pub(super) fn native_options(renderer: Renderer, window: Option<WindowSize>) -> eframe::NativeOptions {
    let mut viewport = ViewportBuilder::default()
        .with_title("Tagscope")
        .with_app_id("tagscope")
        .with_inner_size(size(window))
        .with_maximized(window.is_some_and(|window| window.is_maximized))
        .with_min_inner_size([640.0, 420.0]);
    if let Some(place) = window.and_then(|window| window.place) {
        viewport = viewport.with_position([place.x, place.y]);
    }
    if let Some(icon) = icon() {
        viewport = viewport.with_icon(icon);
    }
    eframe::NativeOptions {
        renderer,
        viewport,
        // Boxes are drawn with egui's own feathering.
        multisampling: 0,
        // Where the processor paints, noise against bands costs a good part of each frame.
        dithering: has_graphics_card(),
        ..eframe::NativeOptions::default()
    }
}

fn icon() -> Option<IconData> {
    eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icons/128.png")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_size_of_the_window_stays_within_what_can_be_used() {
        let of = |width, height| size(Some(WindowSize { width, height, is_maximized: false, place: None }));
        assert_eq!((size(None), of(900.0, 600.0)), ([1280.0, 800.0], [900.0, 600.0]));
        assert_eq!((of(1.0, 1.0e9), of(f32::NAN, 600.0)), ([640.0, 16_384.0], [1280.0, 800.0]));
    }

    #[test]
    fn glow_comes_first_without_a_card_and_requests_win() {
        assert_eq!(order(None, false)[0], Renderer::Glow);
        assert_eq!(order(None, true)[0], Renderer::Wgpu);
        for renderer in [Renderer::Wgpu, Renderer::Glow] {
            assert_eq!(order(Some(choice(renderer)), false)[0], renderer);
            assert_eq!(order(Some(choice(renderer)), true)[0], renderer);
        }
    }

    #[test]
    fn the_icon_is_readable() {
        assert!(icon().is_some());
    }
}
