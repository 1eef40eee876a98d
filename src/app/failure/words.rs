//! The words for each failure: what happened, what it means, what to do.

use super::{FailureKind, ProxyTrouble, stores};
use crate::words::capitalized;

/// Headline and advice.
pub(super) fn texts(kind: &FailureKind) -> (String, String) {
    use FailureKind as K;
    let pair = |headline: &str, advice: &str| (headline.to_owned(), advice.to_owned());
    match kind {
        K::BadEndpoint { reason } => (
            format!("This is not an endpoint: {reason}."),
            "Copy it from the resource's \u{201c}Keys and Endpoint\u{201d} page. It starts with https://.".to_owned(),
        ),
        K::NoKey => pair("There is no key for this endpoint.", "Enter the resource's training key."),
        K::NotConnected => pair(
            "Not connected to the service.",
            "You can browse and review what is on this computer. Other pictures, exports and archives need the \
             service.",
        ),
        K::SourceOpening => pair(
            "Another project is being opened, and that would stop this task.",
            "Wait until it is open, or stop opening it, then start again.",
        ),
        K::WrongKey => pair(
            "The service does not accept this key.",
            "It may be a prediction key, or belong to another region. A key works only with the endpoint of its own \
             resource.",
        ),
        K::Forbidden => pair(
            "The key is valid but has no access.",
            "The resource may be limited to selected networks, or the key may belong to a prediction resource.",
        ),
        K::KeysDisabled => pair(
            "Key access is disabled for this resource.",
            "Ask the owner of the resource to enable it in the Azure portal (\u{201c}Allow key access\u{201d}) or to \
             set disableLocalAuth=false.",
        ),
        K::NoApi { version } => (
            format!("This endpoint has no Custom Vision training API {version}."),
            "It may belong to another kind of resource, or support only other API versions. Copy the endpoint from \
             the \u{201c}Keys and Endpoint\u{201d} page of the training resource."
                .to_owned(),
        ),
        K::Proxy { proxy, problem } => words_of_proxy(proxy, *problem),
        K::BadProxy { variable, reason } => (
            format!("The proxy in {variable} cannot be used: {reason}."),
            format!("Correct {variable}, or remove it to connect directly."),
        ),
        K::UnknownHost { host } => (
            format!("The host {host} was not found."),
            "Check the name of the region, resource or account in the address, and the network connection.".to_owned(),
        ),
        K::Unreachable { host } => (
            format!("{host} cannot be reached."),
            "Check the network connection. A resource on a private network can be reached only from inside that \
             network."
                .to_owned(),
        ),
        K::CutShort { host } => (
            format!("The connection to {host} was lost before the response was complete."),
            "Several attempts failed. Check the network connection and any proxy in between.".to_owned(),
        ),
        K::NotPrivate { host } => (
            format!("The connection to {host} is not private."),
            "Its certificate is not trusted. If a company proxy inspects traffic, install the proxy's certificate on \
             this computer."
                .to_owned(),
        ),
        K::NoRootCertificates => pair(
            "This computer has no root certificates, so no secure connection can be checked.",
            "Install them, then try again. On Debian and Ubuntu: apt install ca-certificates.",
        ),
        K::TimedOut => pair("The service took too long to respond.", "Check the network connection and try again."),
        K::ProxyPage => pair(
            "A web page was received instead of the service's response.",
            "This is often the sign-in page of a proxy or a public network. Open a browser, sign in, then try again.",
        ),
        K::Redirected { host } => (
            format!("The service redirects to {host}."),
            "The key is never sent elsewhere. Enter the final endpoint if you trust it.".to_owned(),
        ),
        K::PictureRedirected { host } => (
            format!("The picture's URL redirects to {host}, which is not a trusted host."),
            "Pictures are downloaded only from the host that the service names, or over https from a host of the same \
             owner. If a gateway redirects them, configure it to forward them instead."
                .to_owned(),
        ),
        K::StoreRefused { status, code } => {
            let (headline, advice) = store_refused(*status, code);
            (headline, advice.to_owned())
        }
        K::Compressed { encoding } => (
            format!("The response is compressed ({encoding}), although uncompressed data was requested."),
            "A proxy or gateway in between compresses the data. Configure it to leave these responses unchanged."
                .to_owned(),
        ),
        K::NotWhole { reason } => (
            format!("The picture is incomplete: {reason}."),
            "It was requested twice. Each further run requests it again.".to_owned(),
        ),
        K::TooManyCalls => pair(
            "The service is limiting requests, and retrying did not help.",
            "Another program may be using the same resource. Try again in a minute.",
        ),
        K::ServiceFailed { status } => {
            (format!("The service failed ({status})."), "Several attempts failed. Try again later.".to_owned())
        }
        K::NotFound { what } => (
            format!("The {what} was not found."),
            "It may have been deleted, or belong to another resource.".to_owned(),
        ),
        K::Refused { code, message } => {
            let colon = if message.is_empty() { "" } else { ": " };
            (format!("The service refused ({code}){colon}{message}"), String::new())
        }
        K::BadAnswer { reason } => (
            "The response could not be read.".to_owned(),
            format!("It is not a response of the Custom Vision service ({reason}). Check the endpoint."),
        ),
        K::EndlessList { rows, counted } => {
            let rows = crate::words::thousands(*rows);
            let counts = counted.map_or_else(String::new, |counted| {
                format!(", although it counts {}", crate::words::count(counted, "image", "images"))
            });
            (
                format!("The service's list of images does not end: it has returned more than {rows} rows{counts}."),
                "A project has at most 100,000 images, so listing was stopped. Another server may be answering in \
                 place of the service. Check the endpoint."
                    .to_owned(),
            )
        }
        K::Expired => pair("The picture's URL has expired.", "Reload the list to get new URLs."),
        K::MissingPicture => pair(
            "The picture is missing.",
            "The service lists the image, but its file no longer \
                                                              exists.",
        ),
        K::BadPicture { reason } => (format!("The picture cannot be decoded: {reason}."), String::new()),
        K::PictureTooLarge { width, height } => (
            format!("The picture is too large to show: {width} × {height} px."),
            "It can still be exported, byte for byte.".to_owned(),
        ),
        K::NotAnArchive { path, reason } => (
            format!("{path} is not an archive or a dataset."),
            format!("{reason} Choose the folder of an archive, an export or a dataset, or the dataset's own file."),
        ),
        K::NoArchive { place, reason } => (format!("There is no archive at {place}."), reason.clone()),
        K::BadAddress { reason } => ("This is not the address of an archive.".to_owned(), format!("{}.", capitalized(reason))),
        K::NoManifest { path, what } => (
            format!("{path} looks like an archive, but its manifest.json {what}."),
            format!(
                "Restore manifest.json from a copy, or archive the project again. To read what is left without it, make an \
                 archive of the list: tagscope import jsonl {path}/images.jsonl --out DIR."
            ),
        ),
        K::NoPredictions { iteration } => (
            format!("There are no predictions of the iteration \u{201c}{iteration}\u{201d}."),
            "It was never trained, or its predictions have been deleted. Choose another iteration, or predictions in a file."
                .to_owned(),
        ),
        K::NotPredictions { path, reason } => (
            format!("{path} cannot be used as predictions. {reason}"),
            "COCO results, COCO files with scores, YOLO label files with a confidence, and JSON lines of the prediction \
             service or of Azure ML can be read."
                .to_owned(),
        ),
        K::SeveralDatasets { path, found } => (
            format!("{path} contains several datasets: {}.", found.join("; ")),
            "Open one of them by its own file or folder, or give its format on the command line (tagscope import \
             FORMAT)."
                .to_owned(),
        ),
        K::NoPictures { path, reason } => (
            format!("None of the pictures of {path} were found, so nothing was imported."),
            format!(
                "{reason} Move them into the dataset's folder, or give their folder with tagscope import --images \
                     DIR."
            ),
        ),
        K::NotChosen { reason } => (format!("{}.", capitalized(reason)), String::new()),
        K::IterationNotHeld => pair(
            "The archive has only the name of this iteration, not its images.",
            "Archive the project again with its iterations (--iterations) while the service is available.",
        ),
        K::NewerArchive { version } => (
            format!("The archive has version {version}, which this version of Tagscope does not support."),
            "Install a newer version of Tagscope to open it.".to_owned(),
        ),
        K::BrokenFile { path, reason } => {
            let is_manifest = path.ends_with("manifest.json");
            let advice = "Restore it from a copy, or write the archive or export again.";
            let advice = if is_manifest { advice.to_owned() } else { String::new() };
            (format!("{path} is damaged: {reason}."), advice)
        }
        K::BadReviews { path, reason } => (
            format!("{path} cannot be imported: {reason}."),
            "Nothing was imported. Correct or remove that row, and import the file again.".to_owned(),
        ),
        K::DiskFull { path } => (
            format!("The disk is full, or a file size limit was reached: {path}."),
            "Free some space or choose another location.".to_owned(),
        ),
        K::NotWritable { path } => {
            (format!("{path} cannot be written."), "Choose a folder that you can write to.".to_owned())
        }
        K::NotReadable { path } => (
            format!("{path} cannot be read: permission denied."),
            "Ask its owner for the right to read it, or use a copy of your own.".to_owned(),
        ),
        K::AlreadyThere { path } => {
            (format!("{path} already exists."), "Choose another name.".to_owned())
        }
        K::Conflict { reason, advice } => (reason.clone(), advice.clone()),
        K::Unfinished { path, other: None, store } => (
            "An unfinished export or archive was found for this place.".to_owned(),
            match store {
                None => format!("Resume it (--resume), or remove {path} to start over."),
                Some(address) => format!("Resume it (--resume). {}", stores::starting_over(path, address)),
            },
        ),
        K::Unfinished { path, other: Some(other), store } => (
            other.clone(),
            match store {
                None => format!(
                    "Finish it with its own choices first (on the command line with --resume), choose another name, or \
                     remove {path} if it is no longer needed."
                ),
                Some(address) => format!(
                    "Finish it with its own choices first (on the command line with --resume), or choose another prefix. {}",
                    stores::starting_over(path, address)
                ),
            },
        ),
        K::InUse { path } => (
            format!("Another program is writing to {path}."),
            "Wait until it has finished, or choose another name.".to_owned(),
        ),
        K::MissingFile { path } => (format!("{path} does not exist."), "Check the path.".to_owned()),
        K::OutOfFiles { path } => (
            format!("{path} cannot be opened: too many files are open."),
            "Close other programs, or raise the limit of open files (ulimit -n), and run it again.".to_owned(),
        ),
        K::Files { path, reason } => (format!("{path}: {reason}."), String::new()),
        K::NotVerified { reason } => (
            "Verification failed: the files on disk differ from the data, so nothing was published.".to_owned(),
            reason.clone(),
        ),
        K::Store { place, trouble } => stores::texts(place, trouble),
        K::Keychain { reason } => (
            "The system keychain does not work.".to_owned(),
            format!("{reason}. The key is kept for this session only."),
        ),
        K::Canceled => pair("Canceled.", ""),
        K::Internal { reason } => {
            ("Internal error.".to_owned(), format!("{reason}. Please report this with the details."))
        }
    }
}

/// What the picture store's refusal means. Its codes are documented under "Blob Storage error codes".
fn store_refused(status: u16, code: &str) -> (String, &'static str) {
    let comma = if code.is_empty() { "" } else { ", " };
    let advice = match code {
        "AuthorizationFailure" | "AuthorizationSourceIPMismatch" => {
            "The storage account's firewall may allow only selected networks. Use one of them, or ask for this \
             network to be allowed."
        }
        "" | "AuthenticationFailed" if status == 403 => {
            "New URLs were refused as well. Check this computer's clock, and any proxy in between that changes URLs."
        }
        "BlobArchived" => "The picture is in the archive tier of the storage account. Rehydrate it there first.",
        _ => "",
    };
    (format!("The picture storage refused the request ({status}{comma}{code})."), advice)
}

/// Headline and advice for a proxy that does not let a call through.
fn words_of_proxy(proxy: &str, problem: ProxyTrouble) -> (String, String) {
    let (does, advice) = match problem {
        ProxyTrouble::Down => {
            ("cannot be reached", "Check its address and whether it is running, or unset it to connect directly.")
        }
        ProxyTrouble::WantsPassword => (
            "requires a user name and password",
            "Add them to its address, such as http://name:password@host:port. No other way to sign in is supported.",
        ),
        ProxyTrouble::Refuses => (
            "refuses to connect to the service",
            "Ask the proxy's administrator to allow the host, or add the host to NO_PROXY to connect directly.",
        ),
        ProxyTrouble::Broken => (
            "closed the connection",
            "Try again. If it happens again, ask the proxy's \
                                                           administrator.",
        ),
    };
    (format!("{} {does}.", capitalized(proxy)), advice.to_owned())
}
