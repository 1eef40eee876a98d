//! The region wall in the real window: what is seen, asked for and chosen.

use egui::{Key, Modifiers, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tagscope::app::wall::{WallCommand, WallViewport};
use tagscope::app::{Command, Event, Failure, FailureKind, PixelKey, QueryCommand, View};
use tagscope::domain::wall::WallItem;
use tagscope::domain::{RegionIx, RegionSort};

use super::fixture::{Parts, band, row, wheel, window};

fn shown(parts: Parts) -> Harness<'static, Parts> {
    let mut harness = window(parts);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    harness.run();
    assert_eq!(harness.state().opened().view, View::Wall);
    harness
}

fn chosen(harness: &Harness<'_, Parts>) -> Vec<u32> {
    let mut chosen: Vec<_> =
        harness.state().opened().wall.selection.iter().filter_map(WallItem::label).map(|region| region.0).collect();
    chosen.sort_unstable();
    chosen
}

fn cursor(harness: &Harness<'_, Parts>) -> Option<usize> {
    let wall = &harness.state().opened().wall;
    wall.cursor.and_then(|item| wall.order.place(item))
}

fn last_viewport(commands: &[Command]) -> Option<WallViewport> {
    commands.iter().rev().find_map(|command| match command {
        Command::Wall(WallCommand::Viewport(viewport)) => Some(viewport.clone()),
        _ => None,
    })
}

#[test]
fn regions_are_named_grouped_and_asked_for_once() {
    let mut harness = shown(Parts::new(2_000, 3));
    harness.get_by_label("6,000 regions in 2,000 images");
    harness.get_by_label_contains("Region 1: a tag with quite a long name");
    harness.get_by_label_contains("Select the group a tag with quite a long name");
    let commands = harness.state_mut().take();
    let viewport = last_viewport(&commands).expect("viewport");
    assert!(viewport.first == 0 && viewport.crops.len() < 200, "{}", viewport.crops.len());
    harness.run_steps(5);
    assert!(harness.state_mut().take().is_empty(), "an idle wall asks for nothing");
    assert!(!harness.ctx.has_requested_repaint(), "and paints no frame");
}

#[test]
fn the_keyboard_walks_chooses_opens_and_comes_back() {
    let mut harness = shown(Parts::new(60, 3));
    let columns = harness.state().view.wall.columns();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(cursor(&harness), Some(0), "the first step makes the cursor appear");
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(cursor(&harness), Some(columns));
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    assert_eq!(chosen(&harness).len(), 2);
    harness.get_by_label("2 selected of 180 regions");
    harness.key_press(Key::End);
    harness.run();
    assert_eq!(cursor(&harness), Some(179));
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(chosen(&harness).len(), 3);
    let before = last_viewport(&harness.state_mut().take()).expect("viewport");
    let region = harness.state().opened().wall.cursor;
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().opened().view, View::Canvas);
    assert_eq!(harness.state().opened().region, region.and_then(WallItem::label));
    harness.key_press(Key::Escape);
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.view, opened.wall.cursor, opened.wall.selection.len()), (View::Wall, region, 3));
    assert_eq!(opened.wall.viewport, before, "at the same place");
    harness.key_press(Key::Home);
    harness.key_press(Key::PageDown);
    harness.run();
    assert!(cursor(&harness).is_some_and(|place| place >= 2 * columns));
}

#[test]
fn a_group_is_chosen_by_its_head_and_a_band_by_what_it_touches() {
    let mut harness = shown(Parts::new(60, 2));
    harness.get_by_label_contains("Select the group fork").click();
    harness.run();
    let opened = harness.state().opened();
    let fork = opened.catalogue.tags().find_name("fork").expect("tag");
    let group = opened.wall.order.groups.iter().find(|group| group.tag == fork).expect("group");
    assert_eq!(opened.wall.selection.len(), group.len);
    let is_fork = |region: RegionIx| opened.catalogue.region(region).expect("region").tag == fork;
    assert!(opened.wall.selection.iter().filter_map(WallItem::label).all(is_fork));

    let first = harness.get_by_label_contains("Region 1: ").rect();
    let second = harness.get_by_label_contains("Region 2: ").rect();
    let (from, to) = (first.min + vec2(2.0, 2.0), second.center());
    band(&mut harness, from, to);
    assert_eq!(chosen(&harness).len(), 2);
}

#[test]
fn order_groups_and_tag_are_chosen_from_menus() {
    let mut harness = shown(Parts::new(30, 2));
    harness.get_by_label("Grid order").click();
    harness.run();
    harness.get_by_label("Smallest first").click();
    harness.run();
    assert_eq!(harness.state().state.settings.wall_sort, RegionSort::Smallest);
    // From the other end, by the same entry as above the grid; the button says which end that is.
    harness.get_by_label("Smallest first").click();
    harness.run();
    harness.get_by_label("Reverse the order").click();
    harness.run();
    assert!(harness.state().state.settings.wall_sort_reversed);
    harness.get_by_label("Largest first");
    harness.key_press(Key::G);
    harness.run();
    assert!(!harness.state().state.settings.wall_grouped);
    assert!(harness.state().opened().wall.order.groups.is_empty());
    harness.get_by_label("Group: none");
}

#[test]
fn after_similar_regions_the_wall_is_where_it_was() {
    let mut harness = shown(Parts::new(200, 3));
    for _ in 0..3 {
        harness.key_press(Key::PageDown);
        harness.run();
    }
    harness.key_press(Key::Space);
    harness.run();
    let (place, chosen_before) = (cursor(&harness), chosen(&harness));
    let before = last_viewport(&harness.state_mut().take()).expect("viewport");
    assert!(before.first > 0);
    harness.key_press(Key::Y);
    harness.run();
    assert_eq!(harness.state().opened().wall.viewport.first, 0, "what is similar is seen from the top");
    harness.get_by_label("Most similar first");
    for _ in 0..2 {
        harness.key_press(Key::Escape);
        harness.run();
    }
    assert_eq!((cursor(&harness), chosen(&harness)), (place, chosen_before));
    assert_eq!(harness.state().opened().wall.viewport, before);
}

#[test]
fn a_failed_crop_says_so_and_can_be_tried_again() {
    let mut harness = shown(Parts::new(2, 1));
    let generation = harness.state().state.generation;
    for side in [64, 128, 256, 512] {
        let key = PixelKey::Crop { region: RegionIx(1), side };
        let result = Err(Failure::bare(FailureKind::MissingPicture));
        harness.state_mut().apply(Event::Pixels { generation, key, result });
    }
    harness.run();
    harness.state_mut().take();
    harness.get_by_label("Retry").click();
    harness.run();
    let commands = harness.state_mut().take();
    let is_retry =
        |command: &Command| matches!(command, Command::Wall(WallCommand::Retry(WallItem::Label(RegionIx(1)))));
    assert!(commands.iter().any(is_retry), "{commands:?}");
    assert!(chosen(&harness).is_empty(), "the button is not the cell");
}

#[test]
fn a_wheel_scrolls_and_with_ctrl_changes_the_size() {
    let mut harness = shown(Parts::new(3_000, 4));
    wheel(&mut harness, pos2(500.0, 400.0), -20_000.0);
    let viewport = last_viewport(&harness.state_mut().take()).expect("viewport");
    assert!(viewport.first > 500, "{}", viewport.first);
    harness.event(egui::Event::Zoom(1.5));
    harness.run();
    assert!(harness.state().state.settings.wall_side > 150.0);
    let after = last_viewport(&harness.state_mut().take()).expect("viewport");
    assert!(after.crops.iter().take(100).any(|crop| viewport.crops.contains(crop)), "the place is kept");
}

#[test]
fn a_wall_without_regions_says_why() {
    let harness = shown(Parts::of_rows((0..5).map(|n| row(n, 0)).collect()));
    harness.get_by_label("No regions to show");
    harness.get_by_label("Show the images");
}

#[test]
fn the_wall_shows_the_regions_that_the_query_chooses() {
    let mut parts = Parts::new(12, 4);
    parts.update(Command::Query(QueryCommand::Edit("tag:fork left>30%".to_owned())));
    let mut harness = shown(parts);
    let opened = harness.state().opened();
    let fork = opened.catalogue.tags().find_name("fork").expect("tag");
    let is_meant = |region: RegionIx| {
        let region = opened.catalogue.region(region).expect("region");
        region.tag == fork && region.rect.left > 0.3
    };
    let all: Vec<RegionIx> = (0..48).map(RegionIx).filter(|region| is_meant(*region)).collect();
    assert!(!all.is_empty() && all.len() < 12, "{all:?}");
    let mut shown_now = opened.wall.order.items.clone();
    shown_now.sort_unstable();
    assert_eq!(shown_now, all.into_iter().map(WallItem::Label).collect::<Vec<_>>());
    assert_eq!(opened.visible.len(), opened.wall.order.image_count, "each shown image has such a region");
    harness.state_mut().update(Command::Query(QueryCommand::Clear));
    harness.run();
    assert_eq!(harness.state().opened().wall.order.len(), 48);
}

#[test]
fn with_boxes_on_every_crop_shows_its_own() {
    // Vertices of all meshes: boxes are one, and there are no pictures here.
    fn vertices(shape: &egui::Shape) -> usize {
        match shape {
            egui::Shape::Mesh(mesh) => mesh.vertices.len(),
            egui::Shape::Vec(shapes) => shapes.iter().map(vertices).sum(),
            _ => 0,
        }
    }
    let count = |harness: &Harness<'_, Parts>| -> usize {
        harness.output().shapes.iter().map(|clipped| vertices(&clipped.shape)).sum()
    };
    let mut harness = shown(Parts::new(10, 1));
    let crops = harness.query_all_by_label_contains("Region ").count();
    let with = count(&harness);
    harness.key_press(Key::B);
    harness.run();
    let boxes = with - count(&harness);
    assert!(crops >= 10 && boxes >= crops * 8, "{boxes} corners for {crops} crops");
}

#[test]
fn what_looks_like_another_tag_says_so_and_similar_regions_come_and_go_by_key() {
    use tagscope::app::wall::{WallEffect, WallEvent};
    use tagscope::app::{Effect, update};
    use tagscope::domain::{RegionOrder, TagIx, wall::Lookalike};

    let mut harness = shown(Parts::new(6, 2));
    harness.get_by_label("Grid order").click();
    harness.run();
    harness.get_by_label("Looks like another tag").click();
    harness.run();
    let (generation, order) = {
        let opened = harness.state().opened();
        let order = RegionOrder::clone(&opened.wall.order);
        let found = |at: usize| Lookalike { tag: TagIx(1), ratio: if at == 0 { 2.34 } else { 0.5 } };
        let lookalikes = (0..order.len()).map(|at| Some(found(at))).collect();
        (opened.generation, RegionOrder { lookalikes, ..order })
    };
    // The answer to an order that is asked for once more.
    let commands = update(&mut harness.state_mut().state, Command::Wall(WallCommand::SortAgain));
    let request = commands.iter().find_map(|effect| match effect {
        Effect::Wall { effect: WallEffect::Order { request, .. }, .. } => Some(*request),
        _ => None,
    });
    let event = WallEvent::Ordered { request: request.expect("asked"), order: order.into() };
    harness.state_mut().apply(Event::Wall { generation, event });
    harness.run();
    let other = harness.state().opened().catalogue.tags().get(TagIx(1)).name.to_string();
    harness.get_by_label_contains(&format!(", looks like {other},"));

    harness.key_press(Key::End);
    harness.run();
    let last = harness.state().opened().wall.cursor;
    harness.key_press(Key::Y);
    harness.run();
    let opened = harness.state().opened();
    assert_eq!((opened.wall.order.items[0], opened.wall.near), (last.expect("cursor"), last.and_then(WallItem::label)));
    harness.get_by_label("Most similar first");
    harness.get_by_label("End the search for similar regions").click();
    harness.run();
    assert_eq!(harness.state().opened().wall.near, None);
    harness.get_by_label("Looks like another tag");
}
