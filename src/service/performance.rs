//! The calls about what an iteration has learnt: its figures, its predictions on the images it was trained with, and
//! the model files that the service has exported of it. They never ask for an export.

use super::client::Client;
use super::error::ServiceError;
use super::query::{MAX_TAKE, Order, add_tags_to, add_window_to, tag_parts};
use super::xml::Shape;
use domain::{IterationId, IterationPerformance, Listed, ModelExport, PerformancePage, ProjectId, RecordReader, TagId};

impl Client {
    /// How well an iteration does on its own images, as the service found after training. A prediction counts from
    /// `threshold` on, its box from an overlap of `overlap_threshold` on, both 0 to 1; `None`: the service's own.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn iteration_performance(
        &self,
        project: ProjectId,
        iteration: IterationId,
        threshold: Option<f32>,
        overlap_threshold: Option<f32>,
    ) -> Result<IterationPerformance, ServiceError> {
        let mut url = self.endpoint().call(&format!("projects/{project}/iterations/{iteration}/performance"));
        for (name, value) in [("threshold", threshold), ("overlapThreshold", overlap_threshold)] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, &value.to_string());
            }
        }
        self.json(url, "iteration", Shape::Object).await
    }

    /// How many images the service has predictions of an iteration for; with any of `tags`, where there are some. Above
    /// 20 tags an image may count more than once.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn image_performances_count(
        &self,
        project: ProjectId,
        iteration: IterationId,
        tags: &[TagId],
    ) -> Result<u64, ServiceError> {
        let mut sum = 0_u64;
        for part in tag_parts(tags) {
            let path = format!("projects/{project}/iterations/{iteration}/performance/images/count");
            let mut url = self.endpoint().call(&path);
            add_tags_to(&mut url, &part);
            sum = sum.saturating_add(self.json(url, "iteration", Shape::Number).await?);
        }
        Ok(sum)
    }

    /// One page of images with what an iteration predicted on them. `window`: rows to pass over, and rows to give, at most
    /// 256; `tags`: at most 20.
    ///
    /// # Errors
    /// As [`Client::projects`].
    pub async fn image_performances_page(
        &self,
        project: ProjectId,
        iteration: IterationId,
        tags: &[TagId],
        order: Order,
        window: (u64, u32),
    ) -> Result<PerformancePage, ServiceError> {
        let (skip, take) = window;
        let path = format!("projects/{project}/iterations/{iteration}/performance/images");
        let mut url = self.endpoint().call(&path);
        add_tags_to(&mut url, tags);
        add_window_to(&mut url, order, skip, take.min(MAX_TAKE));
        let body = self.get(url, "iteration").await?;
        self.read(body, RecordReader::performances).await
    }

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
