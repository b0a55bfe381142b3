//! Every launch digest that a `launch.toml` describes, with all files held in memory: `cargo run -p sev-launch-sweep --example sweep`.

use sev_launch_description::{Description, Origin};
use sev_launch_digest::hash::Portable;
use sev_launch_sweep::{Inputs, Memory, Mode, Reading, Sweep};

const LAUNCH_TOML: &str = r#"
technology = "snp"
vcpus = "1..=4"
cpu = ["EPYC-Milan", "EPYC-Genoa"]
firmware.path = "OVMF.fd"
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let image = include_bytes!("../../../testdata/firmware/amdsev.fd").to_vec();
    let files = Memory::from([("OVMF.fd", image)]);
    let origin = Origin::file("launch.toml");
    let description = Description::from_toml(LAUNCH_TOML, &origin, "".as_ref())?;
    let mode = Mode::of(&description).ok_or("no technology")?;
    let inputs = Inputs::read(mode, description, Reading::default(), &files, &Portable)?;
    let sweep = Sweep::new(&inputs, &Portable)?;
    sweep.run(false, &mut |row| {
        println!("{} {:?} {:?}", row.digest, row.signature, row.vcpus);
        Ok::<_, sev_launch_sweep::Error>(())
    })?;
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("eight launches");
}
