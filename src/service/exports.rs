//! The call about model files of an iteration that the service has exported. It never asks for an export.

use super::client::Client;
use super::error::ServiceError;
use domain::{IterationId, Listed, ModelExport, ProjectId};

impl Client {
    /// The exports of an iteration, in the service's order.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn exports(
        &self,
        project: ProjectId,
        iteration: IterationId,
    ) -> Result<Listed<ModelExport>, ServiceError> {
        let url = self.endpoint().call(&format!("projects/{project}/iterations/{iteration}/export"));
        self.list(url, "iteration", "exports").await
    }
}
