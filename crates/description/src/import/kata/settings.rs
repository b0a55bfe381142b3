//! The keys of a configuration, with what annotations say in their place: each read as the kind of value that it must be.

use toml::{Table, Value};

use super::{Installed, MOST_BYTES, Runtime, Source, TABLE, drop_ins, keys, pod};
use crate::error::Error;

/// The keys of the file's table, with what annotations say in their place.
pub(super) struct Settings<'a> {
    pub(super) file: Table,
    pub(super) source: Source<'a>,
    /// Whose configuration it is.
    pub(super) runtime: Runtime,
    /// Does the file have an image, whatever a pod asks for?
    pub(super) file_has_image: bool,
    /// How many CPUs the host has, if that was said.
    pub(super) host_cpus: Option<u32>,
    /// Keys that a drop-in file set, with its name; of equal ones the last holds.
    dropped: Vec<(String, String)>,
    /// Keys that an annotation replaced, by the annotation's name.
    pub(super) replaced: Vec<(&'static str, &'static str)>,
    /// The kernel's parameters that an annotation adds.
    pub(super) added: Option<String>,
    /// Annotations that hold initdata, and their texts.
    pub(super) initdata: Vec<(&'static str, String)>,
    /// Are the annotations those of a pod that is given whole?
    pub(super) has_pod: bool,
    /// What its containers may use, if that can be told.
    pub(super) pod: Option<pod::Limits>,
}

impl<'a> Settings<'a> {
    pub(super) fn read(
        toml: &[u8],
        installed: Installed<'_>,
        source: Source<'a>,
    ) -> Result<Self, Error> {
        let mut file = table(toml, source)?;
        let mut dropped = Vec::new();
        for (name, bytes) in installed.drop_ins {
            let later = table(bytes, Source(name))?;
            let set = drop_ins::merge(&mut file, later).map_err(|place| {
                Source(name).value(
                    place,
                    "one of this file and those before has a table, and the other none",
                )
            })?;
            dropped.extend(set.into_iter().map(|key| (key, name.clone())));
        }
        let (replaced, added, initdata, pod) = Default::default();
        let (runtime, host_cpus) = (Runtime::Go, installed.host_cpus);
        let (has_pod, file_has_image) = (false, false);
        let mut settings = Self {
            file,
            source,
            runtime,
            file_has_image,
            host_cpus,
            dropped,
            replaced,
            added,
            initdata,
            has_pod,
            pod,
        };
        if settings.table().is_none() {
            return source
                .error(format!("no [{TABLE}]: this is no configuration of Kata with QEMU"));
        }
        settings.runtime = settings.read_runtime(installed.runtime)?;
        settings.file_has_image = settings.text("image")?.is_some();
        Ok(settings)
    }

    /// What errors call a pod.
    pub(super) fn annotations(&self) -> Source<'static> {
        Source("annotations")
    }

    /// Is the sandbox sized at its start?
    pub(super) fn is_static(&self) -> bool {
        let runtime = self.file.get("runtime");
        let key = runtime.and_then(|table| table.get("static_sandbox_resource_mgmt"));
        key.and_then(Value::as_bool) == Some(true)
    }

    pub(super) fn table(&self) -> Option<&Table> {
        self.file.get("hypervisor")?.get("qemu")?.as_table()
    }

    /// A switch of the agent's.
    pub(super) fn agent_switch(&self, key: &str) -> Result<bool, Error> {
        match self.agent().and_then(|table| table.get(key)) {
            None => Ok(false),
            Some(Value::Boolean(on)) => Ok(*on),
            Some(_) => self.wrong(&format!("agent.kata.{key}"), "true or false"),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table().is_some_and(|table| table.contains_key(key))
    }

    /// Is a key there with a value that does something? `agent.kata.` before it stands for the agent's table.
    pub(super) fn is_set(&self, key: &str) -> bool {
        let value = match key.strip_prefix("agent.kata.") {
            Some(key) => self.agent().and_then(|table| table.get(key)),
            None => self.table().and_then(|table| table.get(key)),
        };
        value.is_some_and(|value| !keys::is_neutral(value))
    }

    pub(super) fn agent(&self) -> Option<&Table> {
        self.file.get("agent")?.get("kata")?.as_table()
    }

    /// A whole number of the agent's.
    pub(super) fn agent_number(&self, key: &str) -> Result<Option<i64>, Error> {
        match self.agent().and_then(|table| table.get(key)) {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(*number)),
            Some(_) => Err(self.source.value(format!("agent.kata.{key}"), "wanted a number")),
        }
    }

    /// A key of the agent's that is none of these.
    pub(super) fn unread_of_agent(&self, known: &[&str]) -> Option<&str> {
        self.agent()?.keys().map(String::as_str).find(|key| !known.contains(key))
    }

    /// What the kernel is told of each extension's image. [Kata, guest_extension_images]
    pub(super) fn extensions(&self) -> Result<Vec<String>, Error> {
        let key = "guest_extension_images";
        let Some(list) = self.table().and_then(|table| table.get(key)) else {
            return Ok(Vec::new());
        };
        let Some(list) = list.as_array() else { return self.wrong(key, "tables") };
        let mut words = Vec::new();
        for image in list {
            let text = |key: &str| image.get(key).and_then(Value::as_str).unwrap_or_default();
            let name = text("name");
            if name.is_empty() {
                return self.wrong(key, "a name for each");
            }
            words.push(match text("verity_params") {
                "" => format!("kata.extension.{name}.verity_params"),
                verity => format!("kata.extension.{name}.verity_params={verity}"),
            });
        }
        Ok(words)
    }

    /// A number of vCPUs in thousandths: they may be fractions. `None` for a negative one, 0 if it is not set.
    pub(super) fn vcpus(&self, key: &str) -> Result<Option<u64>, Error> {
        let text = match self.table().and_then(|table| table.get(key)) {
            None => return Ok(Some(0)),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Float(number)) => number.to_string(),
            Some(_) => return self.wrong(key, "a number"),
        };
        match (text.starts_with('-'), pod::thousandths(&text)) {
            (true, _) => Ok(None),
            (false, Some(number)) => Ok(Some(number)),
            (false, None) => self.wrong(key, "a number"),
        }
    }

    pub(super) fn place(&self, key: &str) -> String {
        if let Some((_, annotation)) = self.replaced.iter().find(|(replaced, _)| *replaced == key) {
            return format!("annotation {annotation}");
        }
        let place = match key.contains(['.', '[']) {
            true => key.to_owned(),
            false => format!("{TABLE}.{key}"),
        };
        match self.dropped.iter().rev().find(|(dropped, _)| *dropped == place) {
            Some((_, name)) => format!("{place} of {name}"),
            None => place,
        }
    }

    pub(super) fn wrong<T>(&self, key: &str, wanted: &str) -> Result<T, Error> {
        Err(self.source.value(self.place(key), format!("wanted {wanted}")))
    }

    /// A text; an empty one is none, as the runtime has it.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, Error> {
        match self.table().and_then(|table| table.get(key)) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => self.wrong(key, "a text"),
        }
    }

    pub(super) fn switch(&self, key: &str) -> Result<bool, Error> {
        match self.table().and_then(|table| table.get(key)) {
            None => Ok(false),
            Some(Value::Boolean(on)) => Ok(*on),
            Some(_) => self.wrong(key, "true or false"),
        }
    }

    /// A whole number; newer releases write vCPUs as fractions too, and round them up.
    pub(super) fn number(&self, key: &str) -> Result<Option<i64>, Error> {
        match self.table().and_then(|table| table.get(key)) {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(*number)),
            Some(Value::Float(number)) => match format!("{:.0}", number.ceil()).parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => self.wrong(key, "a number"),
            },
            Some(_) => self.wrong(key, "a number"),
        }
    }
}

/// A file's tables.
fn table(toml: &[u8], source: Source<'_>) -> Result<Table, Error> {
    source.check_size(toml.len(), MOST_BYTES)?;
    let text = std::str::from_utf8(toml)
        .map_err(|error| source.syntax(format!("no UTF-8 at byte {}", error.valid_up_to())))?;
    if let Some(placeholder) = placeholder(text) {
        return source.error(format!(
            "{placeholder} is a template's placeholder: give the file that is installed on \
            the host, as /opt/kata/share/defaults/kata-containers/ has it"
        ));
    }
    toml::from_str(text).map_err(|error| source.toml(text, &error))
}

/// `@NAME@` outside of comments.
fn placeholder(text: &str) -> Option<&str> {
    let is_name = |name: &&str| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| line.split('@').skip(1).step_by(2)).find(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_known_by_their_placeholders() {
        assert_eq!(placeholder("a = \"@KERNELPARAMS@\""), Some("KERNELPARAMS"));
        assert_eq!(placeholder("a = @DEFMAXVCPUS@"), Some("DEFMAXVCPUS"));
        for none in ["# Source: \"@CONFIG_IN@\"", "a = \"me@here\"", "a = \"a@b.c,d@e\""] {
            assert_eq!(placeholder(none), None, "{none}");
        }
    }
}
