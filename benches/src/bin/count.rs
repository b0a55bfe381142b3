//! `count CASE TIMES`: makes a case ready and does it so many times, for a tool that counts instructions.
//!
//! Prints how many units of work that were. Without arguments it lists the cases: name, iterations and unit, with tabs between. All of
//! it happens on one thread, so that counts are the same each time.

use std::process::ExitCode;

use sev_launch_benches::cases;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = arguments.as_slice() else {
        for (name, unit, iterations, _) in cases::ALL {
            println!("{name}\t{iterations}\t{unit}");
        }
        return ExitCode::SUCCESS;
    };
    let (Some((.., prepare)), Ok(times)) = (cases::by_name(name), times.parse::<u32>()) else {
        eprintln!("count: {name} {times}: wanted a case and a number");
        return ExitCode::from(2);
    };
    // This thread is the whole pool: nothing waits for another one, which would count.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let _pool = pool.expect("this thread belongs to no pool yet");
    let mut work = prepare();
    let units: u64 = (0..times).map(|_| work()).sum();
    println!("{units}");
    ExitCode::SUCCESS
}
