//! A wire to a store that breaks, or holds what it should carry, after so many bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every connection breaks, and no other is let in.
    Break,
    /// Nothing more is carried, and nobody is told.
    Hold,
}

/// A wire on this computer.
pub struct Wire {
    pub origin: String,
    ended: watch::Receiver<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wire {
    /// Carries `bytes` to the store at `origin`.
    pub async fn to(origin: &str, bytes: i64, end: End) -> Self {
        let target = origin.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let origin = format!("http://{}", listener.local_addr().expect("address"));
        let (tell, ended) = watch::channel(false);
        let (left, tell) = (Arc::new(AtomicI64::new(bytes)), Arc::new(tell));
        let task = tokio::spawn(async move {
            loop {
                let Ok((near, _)) = listener.accept().await else { return };
                if left.load(Ordering::SeqCst) < 0 && end == End::Break {
                    continue;
                }
                let far = TcpStream::connect(&target).await.expect("the store");
                tokio::spawn(carry(near, far, Arc::clone(&left), Arc::clone(&tell), end));
            }
        });
        Self { origin, ended, task }
    }

    /// Waits until it has come to its end.
    pub async fn ended(&self) {
        self.ended.clone().wait_for(|ended| *ended).await.expect("the wire is there");
    }
}

async fn carry(near: TcpStream, far: TcpStream, left: Arc<AtomicI64>, tell: Arc<watch::Sender<bool>>, end: End) {
    let (mut from, mut back) = near.into_split();
    let (mut answers, mut to) = far.into_split();
    let answering = tokio::spawn(async move { tokio::io::copy(&mut answers, &mut back).await });
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if left.fetch_sub(count as i64, Ordering::SeqCst) < count as i64 {
            tell.send_replace(true);
            if end == End::Hold {
                std::future::pending::<()>().await;
            }
            answering.abort();
            return;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
