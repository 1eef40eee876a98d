//! Keys one at a time. What a key means depends on what the key before it has changed, and the state changes only
//! between frames: a slow frame in which several keys came would do them in the wrong order, or lose some. So each
//! frame gets one, and the others wait for the frames that follow at once.

use std::collections::VecDeque;

use egui::{Context, Event};

/// Keys that wait at most: more than anyone types in a frame.
const MOST_WAITING: usize = 64;

/// Keys that came while another was being done, in their order.
#[derive(Debug, Default)]
pub(super) struct KeyQueue {
    waiting: VecDeque<Event>,
}

/// Whether the event is a key going down, in whichever form the window system tells it.
fn is_press(event: &Event) -> bool {
    matches!(event, Event::Key { pressed: true, .. } | Event::Copy | Event::Cut)
}

/// Whether the event comes from typing.
fn is_typed(event: &Event) -> bool {
    is_press(event) || matches!(event, Event::Text(_))
}

impl KeyQueue {
    /// Leaves one key in the input of this frame. A text field takes all at once: it does them in order itself.
    pub(super) fn admit(&mut self, ctx: &Context, is_typing: bool) {
        let presses = ctx.input(|input| input.events.iter().filter(|event| is_press(event)).count());
        if self.waiting.is_empty() && presses < 2 {
            return;
        }
        ctx.input_mut(|input| {
            let (typed, mut others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut input.events).into_iter().partition(is_typed);
            for event in typed {
                self.push(event);
            }
            if is_typing {
                others.extend(self.waiting.drain(..));
            } else {
                others.extend(self.pop());
            }
            input.events = others;
        });
        if !self.waiting.is_empty() {
            ctx.request_repaint();
        }
    }

    /// The first key with the text it types.
    fn pop(&mut self) -> impl Iterator<Item = Event> {
        let rest = self.waiting.iter().skip(1).position(is_press).map_or(self.waiting.len(), |at| at + 1);
        self.waiting.drain(..rest)
    }

    /// A key that is held repeats as often as there are frames, and never lags behind the finger.
    fn push(&mut self, event: Event) {
        let is_repeat = matches!(event, Event::Key { repeat: true, .. });
        if self.waiting.len() < MOST_WAITING && !(is_repeat && self.waiting.iter().any(is_press)) {
            self.waiting.push_back(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::{Key, Modifiers, RawInput};

    use super::*;

    fn press(key: Key, repeat: bool) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat, modifiers: Modifiers::NONE }
    }

    /// What each of the frames gets when `events` come in the first.
    fn frames(events: Vec<Event>, is_typing: bool) -> Vec<Vec<Event>> {
        let ctx = Context::default();
        let mut queue = KeyQueue::default();
        let mut frames = Vec::new();
        for at in 0..4 {
            let events = if at == 0 { events.clone() } else { Vec::new() };
            let mut output = ctx.run_ui(RawInput { events, ..RawInput::default() }, |ui| {
                queue.admit(ui.ctx(), is_typing);
                frames.push(ui.input(|input| input.events.clone()));
            });
            output.textures_delta.clear();
        }
        frames
    }

    #[test]
    fn each_frame_gets_one_key_with_its_text() {
        let text = |letter: &str| Event::Text(letter.to_owned());
        let events = vec![press(Key::A, false), text("a"), Event::PointerGone, press(Key::ArrowRight, false)];
        let expected =
            vec![vec![Event::PointerGone, press(Key::A, false), text("a")], vec![press(Key::ArrowRight, false)]];
        assert_eq!(frames(events, false)[..3], [expected, vec![Vec::new()]].concat());
    }

    #[test]
    fn the_same_key_twice_acts_twice_but_a_held_one_never_lags() {
        let presses = |frame: &Vec<Event>| frame.iter().filter(|event| is_press(event)).count();
        let release = Event::Key {
            key: Key::ArrowRight,
            physical_key: None,
            pressed: false,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let twice = vec![press(Key::ArrowRight, false), release, press(Key::ArrowRight, false)];
        assert_eq!(frames(twice, false).iter().map(presses).collect::<Vec<_>>(), [1, 1, 0, 0]);
        let held = vec![press(Key::ArrowRight, false), press(Key::ArrowRight, true), press(Key::ArrowRight, true)];
        assert_eq!(frames(held, false).iter().map(presses).collect::<Vec<_>>(), [1, 0, 0, 0]);
    }

    #[test]
    fn a_text_field_gets_all_at_once() {
        let events = vec![press(Key::A, false), Event::Text("a".to_owned()), press(Key::B, false)];
        assert_eq!(frames(events.clone(), true)[0], events);
    }
}
