//! Tells the person in another window that work has ended. The taskbar or the Dock marks the window on every system; on
//! Linux the desktop's own notifications say in words what it was
//! ([why only there](../../docs/decisions/0011-notifications.md)).

/// Marks the window, and says it in words where the system is asked for that.
pub(super) fn show(ctx: &egui::Context, title: String, body: String) {
    let kind = egui::UserAttentionType::Informational;
    ctx.send_viewport_cmd(egui::ViewportCommand::RequestUserAttention(kind));
    say(title, body);
}

/// On a thread of its own, because the session bus may hang.
#[cfg(target_os = "linux")]
fn say(title: String, body: String) {
    let work = move || {
        if let Err(error) = linux::notify(&title, &body) {
            tracing::debug!("no notification: {error}");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("notification".to_owned()).spawn(work) {
        tracing::debug!("no notification: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn say(_title: String, _body: String) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use zbus::blocking::Connection;
    use zbus::zvariant::Value;

    const SERVICE: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";

    pub(super) fn notify(title: &str, body: &str) -> zbus::Result<()> {
        // Replaces none, and stays as long as the desktop sees fit.
        let (replaces, actions, timeout) = (0_u32, Vec::<&str>::new(), -1_i32);
        let hints = HashMap::from([("desktop-entry", Value::from("tagscope"))]);
        let message = ("Tagscope", replaces, "tagscope", title, escaped(body), actions, hints, timeout);
        Connection::session()?.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &message)?;
        Ok(())
    }

    /// Desktops read markup in the body.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn names_are_no_markup() {
            assert_eq!(escaped("forks <b> & knives"), "forks &lt;b&gt; &amp; knives");
        }
    }
}
