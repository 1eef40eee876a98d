//! Keys one at a time. What a key means depends on what the key before it has changed, and the state changes only
//! between frames: a slow frame in which several keys came would do them in the wrong order, or lose some. So each
//! frame gets one, and the others wait for the frames that follow at once.

use std::collections::VecDeque;

use egui::{Context, Event, Key};

/// Keys that wait at most: more than anyone types in a frame.
const MOST_WAITING: usize = 64;

/// Keys that came while another was being done, in their order.
#[derive(Debug, Default)]
pub(super) struct KeyQueue {
    waiting: VecDeque<Event>,
    /// The keys that are down, by their place on the keyboard.
    down: Vec<Key>,
}

/// Whether the event is a key going down, in whichever form the window system tells it.
fn is_press(event: &Event) -> bool {
    matches!(event, Event::Key { pressed: true, .. } | Event::Copy | Event::Cut)
}

/// The key by its place on the keyboard: where Shift is let go first, `+` goes down and `=` comes up, and both are one key.
fn place(key: Key, physical: Option<Key>) -> Key {
    physical.unwrap_or(key)
}

fn released(event: &Event) -> Option<Key> {
    match event {
        Event::Key { pressed: false, key, physical_key, .. } => Some(place(*key, *physical_key)),
        _ => None,
    }
}

fn is_typed(event: &Event) -> bool {
    is_press(event) || matches!(event, Event::Text(_))
}

impl KeyQueue {
    /// Leaves one key in the input of this frame. A text field takes all at once: it does them in order itself.
    pub(super) fn admit(&mut self, ctx: &Context, is_typing: bool) {
        self.mark_repeats(ctx);
        if !is_typing {
            self.drop_repeats_of_released(ctx);
        }
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

    /// egui takes a press for a repeat while the sign that it types has not come up, which it never does where another sign
    /// of the same key comes up in its place.
    fn mark_repeats(&mut self, ctx: &Context) {
        ctx.input_mut(|input| {
            for event in &mut input.events {
                match event {
                    Event::Key { pressed: true, repeat, key, physical_key, .. } => {
                        let key = place(*key, *physical_key);
                        *repeat = self.down.contains(&key);
                        if !*repeat {
                            self.down.push(key);
                        }
                    }
                    Event::Key { pressed: false, key, physical_key, .. } => {
                        let key = place(*key, *physical_key);
                        self.down.retain(|down| *down != key);
                    }
                    // What comes up meanwhile is told to another window.
                    Event::WindowFocused(false) => self.down.clear(),
                    _ => {}
                }
            }
        });
    }

    /// Who lets go of a key means what is on the screen now: a repeat that has not been done is not done any more.
    fn drop_repeats_of_released(&mut self, ctx: &Context) {
        ctx.input_mut(|input| {
            let released: Vec<Key> = input.events.iter().filter_map(released).collect();
            if released.is_empty() {
                return;
            }
            let mut is_dropped = false;
            let mut stays = |event: &Event| {
                match event {
                    Event::Key { pressed: true, repeat, key, physical_key, .. } => {
                        is_dropped = *repeat && released.contains(&place(*key, *physical_key));
                    }
                    Event::Text(_) => {}
                    _ => is_dropped = false,
                }
                !is_dropped
            };
            self.waiting.retain(&mut stays);
            input.events.retain(stays);
        });
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
    use egui::{Modifiers, RawInput};

    use super::*;

    fn press(key: Key, repeat: bool) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat, modifiers: Modifiers::NONE }
    }

    fn release(key: Key) -> Event {
        Event::Key { key, physical_key: None, pressed: false, repeat: false, modifiers: Modifiers::NONE }
    }

    /// What each of the frames gets when `events` come in the first.
    fn frames(events: Vec<Event>, is_typing: bool) -> Vec<Vec<Event>> {
        frames_of(vec![events], is_typing)
    }

    /// What each of the frames gets of the events that come in it.
    fn frames_of(events: Vec<Vec<Event>>, is_typing: bool) -> Vec<Vec<Event>> {
        let ctx = Context::default();
        let mut queue = KeyQueue::default();
        let mut frames = Vec::new();
        for at in 0..4 {
            let events = events.get(at).cloned().unwrap_or_default();
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
        let twice = vec![press(Key::ArrowRight, false), release(Key::ArrowRight), press(Key::ArrowRight, false)];
        assert_eq!(frames(twice, false).iter().map(presses).collect::<Vec<_>>(), [1, 1, 0, 0]);
        let held = vec![press(Key::ArrowRight, false), press(Key::ArrowRight, true), press(Key::ArrowRight, true)];
        assert_eq!(frames(held, false).iter().map(presses).collect::<Vec<_>>(), [1, 0, 0, 0]);
    }

    #[test]
    fn a_key_that_is_let_go_stops_at_once() {
        let presses = |frame: &Vec<Event>| frame.iter().filter(|event| is_press(event)).count();
        let counts = |events| frames_of(events, false).iter().map(presses).collect::<Vec<_>>();
        let (right, held) = (Key::ArrowRight, press(Key::ArrowRight, true));
        let text = Event::Text("d".to_owned());
        // Two came in one slow frame, and the second waited when the key was let go.
        let slow =
            vec![vec![press(right, false)], vec![held.clone(), text.clone(), held.clone()], vec![release(right)]];
        assert_eq!(counts(slow), [1, 1, 0, 0]);
        // The last one and the release come together.
        let together = vec![vec![press(right, false)], vec![held.clone(), text, release(right)]];
        assert_eq!(counts(together.clone()), [1, 0, 0, 0]);
        assert_eq!(frames_of(together, false)[1], [release(right)], "its text goes with it");
        // A tap is no repeat, and letting go of one key stops no other.
        assert_eq!(counts(vec![vec![press(right, false), release(right)]]), [1, 0, 0, 0]);
        assert_eq!(counts(vec![vec![press(right, false)], vec![release(Key::A), held]]), [1, 1, 0, 0]);
    }

    #[test]
    fn a_sign_typed_with_shift_acts_as_often_as_it_is_typed() {
        let at_equals = |key, pressed| Event::Key {
            key,
            physical_key: Some(Key::Equals),
            pressed,
            repeat: false,
            modifiers: Modifiers { shift: key == Key::Plus, ..Modifiers::NONE },
        };
        // Shift is let go before the key, as `xdotool key plus` and quick fingers do it.
        let plus = [at_equals(Key::Plus, true), Event::Text("+".to_owned()), at_equals(Key::Equals, false)];
        let presses = |frame: &Vec<Event>| frame.iter().filter(|event| is_press(event)).count();
        let counts = |events| frames_of(events, false).iter().map(presses).collect::<Vec<_>>();
        assert_eq!(counts(vec![[plus.clone(), plus.clone(), plus.clone()].concat()]), [1, 1, 1, 0]);
        // One in each of three frames, then held: it repeats until the key comes up as another sign.
        let held = vec![plus[0].clone(), plus[1].clone(), plus[0].clone(), plus[0].clone()];
        assert_eq!(counts(vec![plus.to_vec(), plus.to_vec(), held.clone()]), [1, 1, 1, 0]);
        assert_eq!(counts(vec![held, vec![plus[0].clone(), plus[2].clone()], plus.to_vec()]), [1, 0, 1, 0]);
        // What came up while another window had the keyboard is down no more.
        assert_eq!(
            counts(vec![vec![plus[0].clone(), Event::WindowFocused(false)], [plus.clone(), plus].concat()]),
            [1, 1, 1, 0]
        );
    }

    #[test]
    fn a_text_field_gets_all_at_once() {
        let events = vec![press(Key::A, false), Event::Text("a".to_owned()), press(Key::B, false)];
        assert_eq!(frames(events.clone(), true)[0], events);
    }
}
