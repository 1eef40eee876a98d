//! Predictions of the last visit: at once and without the service, unless they are damaged or of another training.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tagscope::app::predictions::{LoadJob, PredictionSet, PredictionsEffect, PredictionsEvent, PredictionsPlace};
use tagscope::app::{Effect, Event, Failure};
use tagscope::domain::{Catalogue, Iteration, ProjectId, ProjectKind};
use tagscope::storage::SessionVault;

use super::rig::{PATIENCE, Rig, assert_no_secret, serve};

struct Visit {
    rig: Rig,
    project: ProjectId,
    catalogue: Arc<Catalogue>,
    iteration: Iteration,
    number: u64,
}

impl Visit {
    fn load(&mut self, trained_at: Option<&str>) -> Result<Arc<PredictionSet>, Failure> {
        self.number += 1;
        let job = LoadJob {
            number: self.number,
            place: PredictionsPlace::Iteration(self.iteration.id),
            trained_at: trained_at.map(str::to_owned),
            name: self.iteration.name.clone(),
            catalogue: Arc::clone(&self.catalogue),
            has_untagged: false,
            project: self.project,
            kind: ProjectKind::Detection,
            score: 0.5,
            iou: 0.5,
        };
        let effect = PredictionsEffect::Load(Box::new(job));
        self.rig.run(Effect::Predictions { generation: 1, effect });
        let wanted = self.number;
        self.rig.wait("predictions", |event| match event {
            Event::Predictions { event: PredictionsEvent::Loaded { number, result }, .. } if *number == wanted => {
                Some(result.clone().map(|(set, _)| set))
            }
            _ => None,
        })
    }

    /// The file that is written in the background; nobody is told.
    fn kept(&self) -> PathBuf {
        let folder = self.rig.home.path().join("cache/lists");
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let mut files = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
            if let Some(path) = files.find(|path| path.extension().is_some_and(|end| end == "predictions")) {
                return path;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("no predictions were kept");
    }
}

fn is_kept(set: &PredictionSet) -> bool {
    set.notes.iter().any(|note| note.contains("were kept on this computer"))
}

#[test]
fn predictions_of_the_last_visit_need_no_service() {
    let running = serve(40, Some(3));
    let mut rig = Rig::with(Arc::new(SessionVault::new()), |options| options.client.retry.network_tries = 1);
    rig.connect_to(&running);
    let project = running.project_id();
    let (catalogue, _) = rig.list(project, 1);
    rig.run(Effect::ListIterations { project });
    let iterations = rig.wait("iterations", |event| match event {
        Event::Iterations { result, .. } => Some(result.clone()),
        _ => None,
    });
    let iteration = iterations.expect("iterations")[0].clone();
    let trained_at = iteration.trained_at.clone().expect("trained");
    let mut visit = Visit { rig, project, catalogue: Arc::new(catalogue), iteration, number: 0 };

    let first = visit.load(Some(&trained_at)).expect("predictions");
    assert!(!is_kept(&first) && first.predictions.len() > 40 && first.service.is_some());
    let path = visit.kept();
    let again = visit.load(Some(&trained_at)).expect("predictions");
    assert!(is_kept(&again));
    let same = |set: &PredictionSet| {
        (&*set.predictions, &set.images, &set.service) == (&*first.predictions, &first.images, &first.service)
    };
    assert!(same(&again));
    assert!(!is_kept(&visit.load(None).expect("predictions")), "nobody knows of which training it is");

    // A damaged one is asked for again, and kept again.
    let whole = std::fs::read(&path).expect("kept");
    assert!(!whole.windows(4).any(|four| four == b"sig="), "a signature is on the disk");
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).expect("write");
    let fresh = visit.load(Some(&trained_at)).expect("predictions");
    assert!(!is_kept(&fresh) && same(&fresh));
    assert_eq!(std::fs::read(visit.kept()).expect("kept"), whole);

    assert_no_secret(&visit.rig.log, &running);
    drop(running);
    let offline = visit.load(Some(&trained_at)).expect("predictions");
    assert!(is_kept(&offline) && same(&offline));
    assert!(visit.load(Some("another time")).is_err(), "those of another training are not taken");
}
