use super::*;

#[test]
fn what_is_typed_is_checked() {
    let choices = ExportChoices::default();
    // The window takes decisions along; a script asks for them.
    let usual = FormatOptions { has_reviews: true, ..FormatOptions::default() };
    assert_eq!(choices.options(&Format::ALL), Ok(usual));
    let choices = ExportChoices {
        split: SplitChoice::Usual,
        is_stratified: true,
        min_region: " 4.5 ".to_owned(),
        crop_margin: "10".to_owned(),
        shard_size: "64".to_owned(),
        shard_order: ShardOrder::Project,
        stroke: "3".to_owned(),
        ..choices
    };
    let options = choices.options(&Format::ALL).expect("options");
    assert_eq!(options.split.map(|rule| (rule.weights, rule.is_stratified)), Some((vec![80, 10, 10], true)));
    assert_eq!((options.shard_bytes, options.shard_order), (Some(64 << 20), ShardOrder::Project));
    assert_eq!((options.min_region_pixels, options.crop_margin, options.box_style.stroke), (4.5, 0.1, 3));
    let bad = |choices: ExportChoices| choices.options(&Format::ALL).expect_err("refused");
    let custom = |text: &str| ExportChoices {
        split: SplitChoice::Custom,
        split_text: text.to_owned(),
        ..ExportChoices::default()
    };
    assert!(bad(custom("80")).contains("is not a split"));
    assert!(bad(ExportChoices { min_region: "-1".to_owned(), ..ExportChoices::default() }).contains("Smallest region"));
    let url = ExportChoices { azureml_url: "ftp://x".to_owned(), ..ExportChoices::default() };
    assert!(url.options(&[Format::Coco]).is_ok(), "only where it is used");
    assert!(bad(url).contains("azureml://"));
}
