//! Lengths and hashes of pictures, found on a thread of its own while this one reads the labels that are with them.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use sha2::{Digest as _, Sha256};

use super::read::FoundPicture;

/// Portions under way.
const UNDER_WAY: usize = 4;

/// What a thread takes, and what it gives back for it.
type Ends<B> = (SyncSender<Vec<B>>, Receiver<Vec<FoundPicture>>);

/// See the [module's words](self).
pub(super) struct PictureSums<B> {
    /// `None`: there is no other thread.
    thread: Option<Ends<B>>,
    own: VecDeque<Vec<FoundPicture>>,
}

impl<B: AsRef<[u8]> + Send> PictureSums<B> {
    /// The thread ends when this is dropped.
    pub(super) fn begin<'s, 'e>(scope: &'s Scope<'s, 'e>) -> Self
    where
        B: 'e,
    {
        let (give, given) = sync_channel::<Vec<B>>(UNDER_WAY);
        let (out, found) = sync_channel(UNDER_WAY);
        let work = move || {
            for portion in given {
                if out.send(sums(&portion)).is_err() {
                    return;
                }
            }
        };
        let thread = Builder::new().name("picture sums".to_owned()).spawn_scoped(scope, work);
        Self { thread: thread.is_ok().then_some((give, found)), own: VecDeque::new() }
    }

    /// Hands over a portion; at most three before the first is [taken](Self::take).
    pub(super) fn give(&mut self, portion: Vec<B>) {
        match &self.thread {
            Some((give, _)) => {
                let _ = give.send(portion);
            }
            None => self.own.push_back(sums(&portion)),
        }
    }

    /// What is known of the first portion that was not taken yet.
    pub(super) fn take(&mut self) -> Vec<FoundPicture> {
        match &self.thread {
            Some((_, found)) => found.recv().unwrap_or_default(),
            None => self.own.pop_front().unwrap_or_default(),
        }
    }
}

fn sums<B: AsRef<[u8]>>(portion: &[B]) -> Vec<FoundPicture> {
    portion.iter().map(|picture| sum(picture.as_ref())).collect()
}

/// Length and hash of a picture.
fn sum(bytes: &[u8]) -> FoundPicture {
    FoundPicture { bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_come_back_in_their_order_with_and_without_a_thread() {
        let portion = |number: u8| (0..number).map(|at| vec![number; usize::from(at) * 1_000]).collect::<Vec<_>>();
        let check = |mut pictures: PictureSums<Vec<u8>>| {
            for number in 0..30 {
                pictures.give(portion(number));
                if number > 0 {
                    assert_eq!(pictures.take(), sums(&portion(number - 1)));
                }
            }
            assert_eq!(pictures.take(), sums(&portion(29)));
        };
        check(PictureSums { thread: None, own: VecDeque::new() });
        std::thread::scope(|scope| {
            let mut pictures = PictureSums::begin(scope);
            pictures.give(vec![b"abc".to_vec()]);
            // The example of FIPS 180-2.
            let [found] = pictures.take().try_into().expect("one picture");
            let FoundPicture { bytes, sha256 } = found;
            assert_eq!((bytes, &sha256[..4]), (3, &[0xba, 0x78, 0x16, 0xbf][..]));
            check(pictures);
        });
    }
}
