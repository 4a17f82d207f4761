//! Keeps the password from lapin, which logs the frames it writes at `TRACE`.
//!
//! lapin is given a stand-in of the same length. The password takes its place in the bytes that leave. Knows what
//! the login methods write before the password, and nothing else of them.

use std::fmt;

use crate::transport::url::LoginMethod;

/// What lapin takes for the password, until it was sent.
pub(super) struct StandIn {
    /// The bytes that come before the password, and the stand-in.
    written: Vec<u8>,
    /// The same with the password.
    meant: Vec<u8>,
}

impl StandIn {
    /// A stand-in for a password, and what lapin is to be given. `None` where a login sends no password.
    pub(super) fn new(method: LoginMethod, user: &str, password: &str) -> (Option<Self>, String) {
        let given = "*".repeat(password.len());
        let before = match method {
            LoginMethod::Plain => [b"\0", user.as_bytes(), b"\0"].concat(),
            LoginMethod::AmqPlain => {
                let length = u32::try_from(password.len()).unwrap_or(u32::MAX);
                [b"\x08PASSWORDS".as_slice(), &length.to_be_bytes()].concat()
            }
            LoginMethod::RabbitCrDemo => b"My password is ".to_vec(),
            LoginMethod::External => return (None, given),
        };
        let stand_in = Self {
            written: [&before, given.as_bytes()].concat(),
            meant: [&before, password.as_bytes()].concat(),
        };
        (Some(stand_in), given)
    }

    /// What is to leave instead of `data`, up to the password's end. `None` if the stand-in is not in it.
    pub(super) fn replace(&self, data: &[u8]) -> Option<Vec<u8>> {
        let start = data
            .windows(self.written.len())
            .position(|window| window == self.written)?;
        let before = data.get(..start)?;
        Some([before, &self.meant].concat())
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_takes_the_place_of_the_stand_in() {
        let (stand_in, given) = StandIn::new(LoginMethod::Plain, "*", "*x");
        assert_eq!(given, "**");
        let stand_in = stand_in.unwrap();
        assert_eq!(stand_in.replace(b"..\0*\0**.."), Some(b"..\0*\0*x".to_vec()));
        assert_eq!(stand_in.replace(b"..\0other\0**.."), None);
        let (stand_in, _) = StandIn::new(LoginMethod::AmqPlain, "user", "pass");
        assert_eq!(
            stand_in.unwrap().replace(b"\x08PASSWORDS\0\0\0\x04****"),
            Some(b"\x08PASSWORDS\0\0\0\x04pass".to_vec())
        );
        assert!(StandIn::new(LoginMethod::External, "user", "").0.is_none());
    }
}
