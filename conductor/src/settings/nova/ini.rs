//! The INI files of oslo.config: text in, assignments out. It knows no option and no meaning, and opens no file.
//!
//! What differs from other INI: a line that starts with a blank goes on with the value above, comments start lines
//! only, `:` assigns as `=` does, and `%` is a letter like any other.

use std::collections::BTreeMap;

/// What the files say, read in order.
#[derive(Default)]
pub(super) struct Ini {
    sections: BTreeMap<String, BTreeMap<String, Vec<Assigned>>>,
}

/// A value, and where it stands.
pub(super) struct Assigned {
    pub(super) value: String,
    /// `file:line`, of its first line.
    pub(super) place: String,
}

impl Ini {
    /// Reads one more file. All mistakes are told, each with its line.
    pub(super) fn read(&mut self, file: &str, text: &str) -> Result<(), Vec<String>> {
        let mut reader = Reader {
            ini: self,
            file,
            section: "DEFAULT".to_owned(),
            open: None,
            mistakes: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            reader.line(index + 1, line.trim_end());
        }
        reader.close();
        match reader.mistakes {
            none if none.is_empty() => Ok(()),
            mistakes => Err(mistakes),
        }
    }

    /// The value of an option: the last assignment of its name counts, as for oslo.config. Names of groups may be
    /// written in any case.
    pub(super) fn get(&self, group: &str, name: &str) -> Option<&Assigned> {
        self.all(group, name).last()
    }

    /// The values of an option that may have several, each with an assignment of its own.
    pub(super) fn all(&self, group: &str, name: &str) -> &[Assigned] {
        let section = self.sections.get(&group.to_ascii_lowercase());
        section
            .and_then(|names| names.get(name))
            .map_or(&[], Vec::as_slice)
    }

    /// The names that a group has.
    pub(super) fn names(&self, group: &str) -> impl Iterator<Item = &str> {
        let section = self.sections.get(&group.to_ascii_lowercase());
        section
            .into_iter()
            .flat_map(|names| names.keys().map(String::as_str))
    }
}

struct Reader<'a> {
    ini: &'a mut Ini,
    file: &'a str,
    section: String,
    /// The assignment that the next line may go on with.
    open: Option<(String, Assigned)>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) {
        if line.is_empty() {
            self.close();
        } else if line.starts_with([' ', '\t']) {
            match &mut self.open {
                Some((_, assigned)) => {
                    assigned.value.push('\n');
                    assigned.value.push_str(line.trim_start());
                }
                None => self.mistake(number, "starts with a blank, but there is no value to go on with"),
            }
        } else if let Some(rest) = line.strip_prefix('[') {
            self.close();
            match rest.strip_suffix(']') {
                Some(name) if !name.is_empty() => self.section = name.to_owned(),
                _ => self.mistake(number, "a section is written [name], on a line of its own"),
            }
        } else if !line.starts_with(['#', ';']) {
            self.close();
            self.assignment(number, line);
        } else {
            self.close();
        }
    }

    fn assignment(&mut self, number: usize, line: &str) {
        // The line is not shown: it may be half of a password.
        match line.split_once(['=', ':']) {
            Some((key, value)) if !key.trim().is_empty() => {
                let assigned = Assigned {
                    value: unquoted(value.trim()).to_owned(),
                    place: format!("{}:{number}", self.file),
                };
                self.open = Some((key.trim().to_owned(), assigned));
            }
            Some(_) => self.mistake(number, "there is no name before the '='"),
            None => self.mistake(
                number,
                "neither a [section] nor an assignment: write name = value",
            ),
        }
    }

    fn close(&mut self) {
        if let Some((key, assigned)) = self.open.take() {
            let section = self.section.to_ascii_lowercase();
            self.ini
                .sections
                .entry(section)
                .or_default()
                .entry(key)
                .or_default()
                .push(assigned);
        }
    }

    fn mistake(&mut self, number: usize, what: &str) {
        self.mistakes.push(format!("{}:{number}: {what}", self.file));
    }
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, group: &str, name: &str) -> Option<String> {
        let mut ini = Ini::default();
        ini.read("f", text).unwrap();
        ini.get(group, name).map(|assigned| assigned.value.clone())
    }

    #[test]
    fn what_oslo_config_reads() {
        for (text, value) in [
            ("a=1", "1"),
            ("[DEFAULT]\na = 1 # not a comment", "1 # not a comment"),
            ("a : x=y", "x=y"),
            ("a = \"  quoted  \"", "  quoted  "),
            ("a = 'it'", "it"),
            ("a = 'half", "'half"),
            ("a = %08x %(b)s", "%08x %(b)s"),
            ("a = one,\n  two\n\tthree", "one,\ntwo\nthree"),
            ("a = 1\na = 2", "2"),
            ("# a = 0\n; a = 0\na = 1\n#a = 3", "1"),
            ("[other]\na = 2\n[DEFAULT]\na = 1", "1"),
            ("a =", ""),
        ] {
            assert_eq!(get(text, "DEFAULT", "a").as_deref(), Some(value), "{text}");
        }
        assert_eq!(
            get("[Conductor]\nworkers=2", "conductor", "workers").as_deref(),
            Some("2")
        );
        assert_eq!(get("A = 1", "DEFAULT", "a"), None);
    }

    #[test]
    fn later_files_win_and_places_are_kept() {
        let mut ini = Ini::default();
        ini.read("one", "\n[g]\na = 1\nb = 1").unwrap();
        ini.read("two", "[g]\na = 2").unwrap();
        let place = |name| ini.get("g", name).map(|assigned| assigned.place.as_str());
        assert_eq!((place("a"), place("b")), (Some("two:2"), Some("one:4")));
        assert_eq!(ini.names("G").collect::<Vec<_>>(), ["a", "b"]);
        let all = ini.all("g", "a").iter().map(|assigned| assigned.value.as_str());
        assert_eq!(all.collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn all_mistakes_are_told_with_their_lines_and_no_secrets() {
        let text = "  hanging\n[open\n[]\nhunter2\n= hunter2\nok = 1\n";
        let mistakes = Ini::default().read("nova.conf", text).unwrap_err();
        let lines: Vec<&str> = mistakes
            .iter()
            .filter_map(|text| text.split(": ").next())
            .collect();
        assert_eq!(
            lines,
            [
                "nova.conf:1",
                "nova.conf:2",
                "nova.conf:3",
                "nova.conf:4",
                "nova.conf:5"
            ]
        );
        assert!(
            mistakes.iter().all(|text| !text.contains("hunter2")),
            "{mistakes:?}"
        );
    }
}
