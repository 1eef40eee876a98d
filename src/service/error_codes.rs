//! The error codes of the service (`CustomVisionErrorCodes`): all that its document names, and any other as it came.

use std::fmt;
use std::str::FromStr;

macro_rules! codes {
    ($($name:ident,)*) => {
        /// An error code of the service. Open: the service also sends codes that its document does not name.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $(
                #[doc = concat!("`", stringify!($name), "`")]
                $name,
            )*
            /// A code outside the document, such as the gateway's `401`; empty when the answer had none.
            Other(Box<str>),
        }

        impl ErrorCode {
            /// All codes that the document names.
            pub const NAMED: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it stands in an answer.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => stringify!($name),)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(text: &str) -> Self {
                match text {
                    $(stringify!($name) => Self::$name,)*
                    _ => Self::Other(text.into()),
                }
            }
        }
    };
}

codes! {
    NoError,
    BadRequest,
    BadRequestExceededBatchSize,
    BadRequestNotSupported,
    BadRequestInvalidIds,
    BadRequestProjectName,
    BadRequestProjectNameNotUnique,
    BadRequestProjectDescription,
    BadRequestProjectUnknownDomain,
    BadRequestProjectUnknownClassification,
    BadRequestProjectUnsupportedDomainTypeChange,
    BadRequestProjectUnsupportedExportPlatform,
    BadRequestProjectImagePreprocessingSettings,
    BadRequestProjectDuplicated,
    BadRequestIterationName,
    BadRequestIterationNameNotUnique,
    BadRequestIterationDescription,
    BadRequestIterationIsNotTrained,
    BadRequestIterationValidationFailed,
    BadRequestWorkspaceCannotBeModified,
    BadRequestWorkspaceNotDeletable,
    BadRequestTagName,
    BadRequestTagNameNotUnique,
    BadRequestTagDescription,
    BadRequestTagType,
    BadRequestMultipleNegativeTag,
    BadRequestMultipleGeneralProductTag,
    BadRequestImageTags,
    BadRequestImageRegions,
    BadRequestNegativeAndRegularTagOnSameImage,
    BadRequestUnsupportedDomain,
    BadRequestRequiredParamIsNull,
    BadRequestIterationIsPublished,
    BadRequestInvalidPublishName,
    BadRequestInvalidPublishTarget,
    BadRequestUnpublishFailed,
    BadRequestIterationNotPublished,
    BadRequestSubscriptionApi,
    BadRequestExceedProjectLimit,
    BadRequestExceedIterationPerProjectLimit,
    BadRequestExceedTagPerProjectLimit,
    BadRequestExceedTagPerImageLimit,
    BadRequestExceededQuota,
    BadRequestCannotMigrateProjectWithName,
    BadRequestNotLimitedTrial,
    BadRequestImageBatch,
    BadRequestImageStream,
    BadRequestImageUrl,
    BadRequestImageFormat,
    BadRequestImageSizeBytes,
    BadRequestImageDimensions,
    BadRequestImageAspectRatio,
    BadRequestImageExceededCount,
    BadRequestTrainingNotNeeded,
    BadRequestTrainingNotNeededButTrainingPipelineUpdated,
    BadRequestTrainingValidationFailed,
    BadRequestClassificationTrainingValidationFailed,
    BadRequestMultiClassClassificationTrainingValidationFailed,
    BadRequestMultiLabelClassificationTrainingValidationFailed,
    BadRequestDetectionTrainingValidationFailed,
    BadRequestTrainingAlreadyInProgress,
    BadRequestDetectionTrainingNotAllowNegativeTag,
    BadRequestInvalidEmailAddress,
    BadRequestRetiredDomainNotSupportedForTraining,
    BadRequestDomainNotSupportedForAdvancedTraining,
    BadRequestExportPlatformNotSupportedForAdvancedTraining,
    BadRequestReservedBudgetInHoursNotEnoughForAdvancedTraining,
    BadRequestCustomBaseModelIterationStatusNotCompleted,
    BadRequestCustomBaseModelDomainNotCompatible,
    BadRequestCustomBaseModelArchitectureRetired,
    BadRequestExportValidationFailed,
    BadRequestExportAlreadyInProgress,
    BadRequestPredictionIdsMissing,
    BadRequestPredictionIdsExceededCount,
    BadRequestPredictionTagsExceededCount,
    BadRequestPredictionResultsExceededCount,
    BadRequestPredictionInvalidApplicationName,
    BadRequestPredictionInvalidQueryParameters,
    BadRequestInvalidImportToken,
    BadRequestExportWhileTraining,
    BadRequestImageMetadataKey,
    BadRequestImageMetadataValue,
    BadRequestOperationNotSupported,
    BadRequestInvalidArtifactUri,
    BadRequestCustomerManagedKeyRevoked,
    BadRequestInvalidUri,
    BadRequestInvalid,
    UnsupportedMediaType,
    Forbidden,
    ForbiddenUser,
    ForbiddenUserResource,
    ForbiddenUserSignupDisabled,
    ForbiddenUserSignupAllowanceExceeded,
    ForbiddenUserDoesNotExist,
    ForbiddenUserDisabled,
    ForbiddenUserInsufficientCapability,
    ForbiddenDRModeEnabled,
    ForbiddenInvalid,
    NotFound,
    NotFoundProject,
    NotFoundProjectDefaultIteration,
    NotFoundIteration,
    NotFoundIterationPerformance,
    NotFoundTag,
    NotFoundImage,
    NotFoundDomain,
    NotFoundApimSubscription,
    NotFoundInvalid,
    Conflict,
    ConflictInvalid,
    ErrorUnknown,
    ErrorIterationCopyFailed,
    ErrorPreparePerformanceMigrationFailed,
    ErrorProjectInvalidWorkspace,
    ErrorProjectInvalidPipelineConfiguration,
    ErrorProjectInvalidDomain,
    ErrorProjectTrainingRequestFailed,
    ErrorProjectImportRequestFailed,
    ErrorProjectExportRequestFailed,
    ErrorFeaturizationServiceUnavailable,
    ErrorFeaturizationQueueTimeout,
    ErrorFeaturizationInvalidFeaturizer,
    ErrorFeaturizationAugmentationUnavailable,
    ErrorFeaturizationUnrecognizedJob,
    ErrorFeaturizationAugmentationError,
    ErrorExporterInvalidPlatform,
    ErrorExporterInvalidFeaturizer,
    ErrorExporterInvalidClassifier,
    ErrorPredictionServiceUnavailable,
    ErrorPredictionModelNotFound,
    ErrorPredictionModelNotCached,
    ErrorPrediction,
    ErrorPredictionStorage,
    ErrorRegionProposal,
    ErrorUnknownBaseModel,
    ErrorServerTimeOut,
    ErrorInvalid,
}

impl ErrorCode {
    /// What is not there, for the codes that say so.
    pub fn missing(&self) -> Option<&'static str> {
        match self {
            Self::NotFoundProject => Some("project"),
            Self::NotFoundProjectDefaultIteration | Self::NotFoundIteration => Some("iteration"),
            Self::NotFoundIterationPerformance => Some("iteration's performance"),
            Self::NotFoundTag => Some("tag"),
            Self::NotFoundImage => Some("image"),
            Self::NotFoundDomain => Some("domain"),
            Self::NotFoundApimSubscription => Some("subscription"),
            _ => None,
        }
    }
}

impl Default for ErrorCode {
    fn default() -> Self {
        Self::Other("".into())
    }
}

impl FromStr for ErrorCode {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_document_survives_its_text() {
        assert_eq!(ErrorCode::NAMED.len(), 137);
        for code in ErrorCode::NAMED {
            assert_eq!(&ErrorCode::from(code.as_str()), code);
            assert!(!matches!(code, ErrorCode::Other(_)));
        }
    }

    #[test]
    fn other_codes_are_kept_as_they_came() {
        for text in ["ErrorInvalidRegion", "401", "", "notFoundProject"] {
            assert_eq!(ErrorCode::from(text), ErrorCode::Other(text.into()));
            assert_eq!(ErrorCode::from(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(ErrorCode::NotFoundIteration.missing(), Some("iteration"));
        assert_eq!(ErrorCode::NotFound.missing(), None);
    }
}
