//! What is similar to an image or a region, in their menu.

use egui::Ui;

use crate::widgets::MenuItem;
use crate::widgets::row::divider;
use app::wall::WallCommand;
use app::{Action, Command, DisplayCommand, State};
use domain::{ImageView, RegionView};

pub(super) fn similar_ui(
    ui: &mut Ui,
    state: &State,
    image: ImageView<'_>,
    region: Option<RegionView>,
    commands: &mut Vec<Command>,
) {
    let near_region = region.map(|region| (Action::SimilarRegions, Command::Wall(WallCommand::ShowSimilar(region.ix))));
    let near_image = (Action::SimilarImages, Command::Display(DisplayCommand::ShowSimilar(image.ix)));
    for (action, command) in near_region.into_iter().chain([near_image]) {
        if MenuItem::new(action.text().label).key(state.keys.cap(action)).show(ui) {
            commands.push(command);
        }
    }
    divider(ui);
}
