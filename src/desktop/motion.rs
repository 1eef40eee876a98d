//! Whether the desktop asks for less motion. On Linux its settings portal is asked once, on a thread of its own, because
//! the session bus may hang; elsewhere no safe library reports it, and the setting decides.

use super::mailbox::Mailbox;

/// Asks; the answer comes through the mailbox, or never.
#[cfg(target_os = "linux")]
pub(super) fn ask(mailbox: Mailbox) {
    use super::mailbox::Mail;
    use app::Event;

    let work = move || {
        if let Some(is_reduced) = linux::reduces_motion() {
            mailbox.send(Mail::Event(Event::ReducedMotion(is_reduced)));
        }
    };
    if let Err(error) = std::thread::Builder::new().name("motion-setting".to_owned()).spawn(work) {
        tracing::debug!("the desktop's motion setting cannot be read: {error}");
    }
}

/// Asks nobody.
#[cfg(not(target_os = "linux"))]
pub(super) fn ask(_mailbox: Mailbox) {}

#[cfg(target_os = "linux")]
mod linux {
    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::{OwnedValue, Value};

    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const INTERFACE: &str = "org.freedesktop.portal.Settings";

    /// The shared setting of newer portals, else GNOME's own, which also other desktops keep.
    pub(super) fn reduces_motion() -> Option<bool> {
        let connection = Connection::session().ok()?;
        let portal = Proxy::new(&connection, PORTAL, PATH, INTERFACE).ok()?;
        let read = |namespace: &str, key: &str| -> Option<OwnedValue> {
            portal
                .call("Read", &(namespace, key))
                .inspect_err(|error| tracing::debug!("{namespace} {key}: {error}"))
                .ok()
        };
        let shared = read("org.freedesktop.appearance", "reduced-motion").and_then(|value| of_number(&value));
        shared.or_else(|| {
            let is_animated = read("org.gnome.desktop.interface", "enable-animations")?;
            of_switch(&is_animated).map(|is_animated| !is_animated)
        })
    }

    /// 1 asks for less motion, 0 for nothing; the value may lie in another one.
    fn of_number(value: &Value<'_>) -> Option<bool> {
        match value {
            Value::U32(number) => Some(*number == 1),
            Value::Value(inner) => of_number(inner),
            _ => None,
        }
    }

    fn of_switch(value: &Value<'_>) -> Option<bool> {
        match value {
            Value::Bool(is_on) => Some(*is_on),
            Value::Value(inner) => of_switch(inner),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn values_are_read_bare_or_wrapped() {
            let wrapped = |value: Value<'static>| Value::Value(Box::new(value));
            assert_eq!(of_number(&wrapped(wrapped(Value::U32(1)))), Some(true));
            assert_eq!((of_number(&Value::U32(0)), of_number(&Value::Bool(true))), (Some(false), None));
            assert_eq!((of_switch(&wrapped(Value::Bool(false))), of_switch(&Value::U32(1))), (Some(false), None));
        }
    }
}
