//! What the desktop is asked and told over the session bus on Linux, each on a thread of its own because the bus may hang:
//! whether it asks for less motion, and that work has ended
//! ([why only there](../../docs/decisions/0011-notifications.md)). Elsewhere no safe library reports the one, so the setting
//! decides; and the taskbar or the Dock marks the window on every system.

use super::dialogs::Mailbox;

/// Asks whether there is to be less motion; the answer comes through the mailbox, or never.
pub(super) fn ask_motion(mailbox: Mailbox) {
    #[cfg(target_os = "linux")]
    on_thread("motion-setting", move || {
        if let Some(is_reduced) = linux::reduces_motion() {
            mailbox.send(super::dialogs::Mail::Event(app::Event::ReducedMotion(is_reduced)));
        }
    });
    #[cfg(not(target_os = "linux"))]
    drop(mailbox);
}

/// Tells the person in another window that work has ended: marks this one, and says it in words where the system is asked
/// for that.
pub(super) fn notify(ctx: &egui::Context, title: String, body: String) {
    let kind = egui::UserAttentionType::Informational;
    ctx.send_viewport_cmd(egui::ViewportCommand::RequestUserAttention(kind));
    #[cfg(target_os = "linux")]
    on_thread("notification", move || {
        if let Err(error) = linux::notify(&title, &body) {
            tracing::debug!("no notification: {error}");
        }
    });
    #[cfg(not(target_os = "linux"))]
    drop((title, body));
}

#[cfg(target_os = "linux")]
fn on_thread(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(work) {
        tracing::debug!("no thread for {name}: {error}");
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::{OwnedValue, Value};

    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";
    const SETTINGS: &str = "org.freedesktop.portal.Settings";

    /// The shared setting of newer portals, else GNOME's own, which also other desktops keep.
    pub(super) fn reduces_motion() -> Option<bool> {
        let connection = Connection::session().ok()?;
        let portal = Proxy::new(&connection, PORTAL, PORTAL_PATH, SETTINGS).ok()?;
        let read = |namespace: &str, key: &str| -> Option<OwnedValue> {
            portal
                .call("Read", &(namespace, key))
                .inspect_err(|error| tracing::debug!("{namespace} {key}: {error}"))
                .ok()
        };
        let shared = read("org.freedesktop.appearance", "reduced-motion").and_then(|value| is_one(&value));
        shared.or_else(|| {
            let is_animated = read("org.gnome.desktop.interface", "enable-animations")?;
            is_on(&is_animated).map(|is_animated| !is_animated)
        })
    }

    /// 1 asks for less motion, 0 for nothing; the value may lie in another one.
    fn is_one(value: &Value<'_>) -> Option<bool> {
        match value {
            Value::U32(number) => Some(*number == 1),
            Value::Value(inner) => is_one(inner),
            _ => None,
        }
    }

    fn is_on(value: &Value<'_>) -> Option<bool> {
        match value {
            Value::Bool(is_on) => Some(*is_on),
            Value::Value(inner) => is_on(inner),
            _ => None,
        }
    }

    const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
    const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";

    pub(super) fn notify(title: &str, body: &str) -> zbus::Result<()> {
        // Replaces none, and stays as long as the desktop sees fit.
        let (replaces, actions, timeout) = (0_u32, Vec::<&str>::new(), -1_i32);
        let hints = HashMap::from([("desktop-entry", Value::from("tagscope"))]);
        let message = ("Tagscope", replaces, "tagscope", title, escaped(body), actions, hints, timeout);
        Connection::session()?.call_method(
            Some(NOTIFICATIONS),
            NOTIFICATIONS_PATH,
            Some(NOTIFICATIONS),
            "Notify",
            &message,
        )?;
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
        fn values_are_read_bare_or_wrapped() {
            let wrapped = |value: Value<'static>| Value::Value(Box::new(value));
            assert_eq!(is_one(&wrapped(wrapped(Value::U32(1)))), Some(true));
            assert_eq!((is_one(&Value::U32(0)), is_one(&Value::Bool(true))), (Some(false), None));
            assert_eq!((is_on(&wrapped(Value::Bool(false))), is_on(&Value::U32(1))), (Some(false), None));
        }

        #[test]
        fn names_are_no_markup() {
            assert_eq!(escaped("forks <b> & knives"), "forks &lt;b&gt; &amp; knives");
        }
    }
}
