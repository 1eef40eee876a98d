//! Imports of reviews: each is there as a whole or not at all, and one that was acknowledged is never lost.

use std::collections::BTreeMap;

use super::*;

/// Rows of an import: large enough that it is not over in an instant.
const ROWS: usize = 1_500;

impl Bench<'_> {
    fn import(&self, file: &Path) -> Command {
        let mut command = self.program();
        command.args(["reviews", "import"]).arg(file).args(["--endpoint", self.running.endpoint()]);
        command
    }

    /// The rows of each reviewer.
    fn there(&self) -> BTreeMap<String, usize> {
        let mut command = self.program();
        command.args(["reviews", "export", "--csv", "--endpoint", self.running.endpoint()]);
        let output = command.output().expect("run");
        assert!(is_clean_or_torn(&output), "{}", said(&output));
        let mut there = BTreeMap::new();
        for line in String::from_utf8(output.stdout).expect("UTF-8").lines().skip(1) {
            *there.entry(line.split(',').nth(2).expect("reviewer").to_owned()).or_default() += 1;
        }
        there
    }
}

/// Whether all went well but for a line that a kill cut short: it is reported, and was never acknowledged.
fn is_clean_or_torn(output: &Output) -> bool {
    output.status.success() || (output.status.code() == Some(5) && said(output).contains("damaged"))
}

#[test]
fn reviews_that_were_acknowledged_are_never_lost() {
    let home = tempdir().expect("home");
    let running = service(home.path(), "service", &[(1, 1)]);
    let bench = Bench { home: home.path(), running: &running };
    let (mut blows, mut whole, mut undone) = (0, Vec::new(), 0);
    let mut usual = Duration::from_millis(200);
    for round in 0..4 * share() {
        if blows == share() {
            break;
        }
        let reviewer = format!("reviewer-{round}");
        let file = home.path().join("reviews.csv");
        let row = |number: usize| {
            let image = uuid::Uuid::from_u128(number as u128 + 1);
            format!("{image},,{reviewer},2026-11-24T10:00:00Z,accepted,\r\n")
        };
        let rows: String = (0..ROWS).map(row).collect();
        std::fs::write(&file, format!("imageId,regionId,reviewer,time,verdict,comment\r\n{rows}")).expect("file");
        let later = usual * (scatter(round) % 1_000) as u32 / 1_000;
        let began = Instant::now();
        let (has_ended, output) = struck(bench.import(&file), blow(round), Moment { line: 0, later });
        let is_done = output.status.success();
        if is_done && blow(round) != Blow::Stop {
            usual = began.elapsed();
        }
        blows += u64::from(!has_ended);
        let words = format!("round {round}, {:?} after {later:?}: {}", blow(round), said(&output));
        assert!(is_done || !(has_ended || blow(round) == Blow::Stop), "{words}");
        let there = bench.there();
        let of_this = there.get(&reviewer).copied().unwrap_or_default();
        assert!(of_this == ROWS || (of_this == 0 && !is_done), "{of_this} rows are there, {words}");
        undone += u64::from(of_this == 0);
        let again = bench.import(&file).output().expect("run");
        assert!(is_clean_or_torn(&again), "{words}, again: {}", said(&again));
        whole.push(reviewer);
        assert!(whole.iter().all(|name| there.get(name).is_none_or(|&count| count == ROWS)), "{words}");
    }
    let there = bench.there();
    assert!(whole.iter().all(|name| there.get(name) == Some(&ROWS)), "{there:?}");
    println!("{blows} blows at imports of reviews, {undone} of them undone, {} whole in the end", whole.len());
    assert!(blows > 0, "it was never struck in time: nothing was tested");
}
