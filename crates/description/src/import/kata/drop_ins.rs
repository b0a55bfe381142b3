//! The drop-in files of `config.d` beside a configuration: the runtime reads them after it, in the order of their names, and each key
//! of a later one takes the place of the one before, lists whole. [Kata, decodeDropIns; drop_in.rs]

use toml::{Table, Value};

/// How deep tables lie that are joined, and not replaced: `[hypervisor.qemu.factory]`.
const DEEPEST: usize = 3;

/// Puts the keys of a later file over those of the files before. Gives the keys that it set, by their tables, as
/// `hypervisor.qemu.kernel`.
///
/// Errors: the place where one of two values is a table and the other is none, which no runtime reads.
pub(super) fn merge(base: &mut Table, later: Table) -> Result<Vec<String>, String> {
    let mut set = Vec::new();
    join(base, later, "", DEEPEST, &mut set)?;
    Ok(set)
}

fn join(
    base: &mut Table,
    later: Table,
    path: &str,
    depth: usize,
    set: &mut Vec<String>,
) -> Result<(), String> {
    for (key, value) in later {
        let place = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let old = base.get_mut(&key);
        if old.as_ref().is_some_and(|old| old.is_table() != value.is_table()) {
            return Err(place);
        }
        match (old, value, depth.checked_sub(1)) {
            (Some(Value::Table(base)), Value::Table(later), Some(depth)) => {
                join(base, later, &place, depth, set)?;
            }
            (_, value, _) => {
                if let Value::Table(table) = &value {
                    set.extend(table.keys().map(|key| format!("{place}.{key}")));
                }
                base.insert(key, value);
                set.push(place);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_replaced_and_tables_joined() {
        let read = |text: &str| text.parse::<Table>().expect("TOML");
        let mut base = read("[hypervisor.qemu]\na = 1\nb = [1, 2]\nc = 3\n[runtime]\nd = 4\n");
        let later = "[hypervisor.qemu]\na = 5\nb = [6]\n[agent.kata]\ne = 7\n";
        let mut set = merge(&mut base, read(later)).expect("tables stay tables");
        let expected =
            "[hypervisor.qemu]\na = 5\nb = [6]\nc = 3\n[runtime]\nd = 4\n[agent.kata]\ne = 7\n";
        assert_eq!(base, read(expected));
        set.sort();
        assert_eq!(set, ["agent", "agent.kata", "hypervisor.qemu.a", "hypervisor.qemu.b"]);
        for (later, place) in
            [("runtime = 1\n", "runtime"), ("[hypervisor.qemu.a]\n", "hypervisor.qemu.a")]
        {
            assert_eq!(merge(&mut base, read(later)), Err(place.to_owned()));
        }
    }
}
