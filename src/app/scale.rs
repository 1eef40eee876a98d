//! The size of text and controls, in percent of the system's.

pub const SCALES: [u16; 8] = [75, 90, 100, 110, 125, 150, 175, 200];

/// The size from the start.
pub const NORMAL: u16 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleCommand {
    Larger,
    Smaller,
    Normal,
    /// This size in percent.
    To(u16),
}

pub(crate) fn scaled(percent: u16, command: ScaleCommand) -> u16 {
    let wanted = match command {
        ScaleCommand::Larger => SCALES.into_iter().find(|scale| *scale > percent).unwrap_or(percent),
        ScaleCommand::Smaller => SCALES.into_iter().rev().find(|scale| *scale < percent).unwrap_or(percent),
        ScaleCommand::Normal => NORMAL,
        ScaleCommand::To(percent) => percent,
    };
    bounded(wanted)
}

/// A kept size within its bounds, whatever a file of settings says.
pub fn bounded(percent: u16) -> u16 {
    percent.clamp(SCALES[0], SCALES[SCALES.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_within_their_bounds() {
        let steps = |from, command| {
            std::iter::successors(Some(from), |percent| Some(scaled(*percent, command))).take(9).collect::<Vec<_>>()
        };
        assert_eq!(steps(100, ScaleCommand::Larger), [100, 110, 125, 150, 175, 200, 200, 200, 200]);
        assert_eq!(steps(100, ScaleCommand::Smaller)[..4], [100, 90, 75, 75]);
        assert_eq!((scaled(93, ScaleCommand::Larger), scaled(93, ScaleCommand::Smaller)), (100, 90));
        assert_eq!((scaled(175, ScaleCommand::Normal), bounded(0), bounded(9_999)), (100, 75, 200));
    }
}
