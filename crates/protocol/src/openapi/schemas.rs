//! The schemas of bodies: those of requests as they are read, those of answers as they are written.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::launch::{
    Acknowledgement, Decision, LaunchAnswer, LaunchRequest, ValidateAnswer, ValidateRequest,
};
use crate::problem::ProblemDocument;
use crate::registration::Registration;
use crate::routes::Body;
use crate::views::{
    AuditPage, CheckpointList, FirmwareList, FirmwareView, ImportAnswer, ImportRequest, LaunchView,
    MeasureAnswer, ServiceDocument, TokenList, TokenRequest, TokenView, VmList, VmPatch, VmView,
};

/// Collects the definitions that schemas refer to.
pub(super) struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            requests: settings.clone().for_deserialize().into_generator(),
            answers: settings.for_serialize().into_generator(),
        }
    }

    fn read<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    fn written<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// The schema of a problem.
    pub(super) fn problem(&mut self) -> Value {
        self.written::<ProblemDocument<'static>>()
    }

    /// The media types of a body and its schema.
    pub(super) fn of(&mut self, body: Body) -> (&'static [&'static str], Value) {
        let schema = match body {
            Body::Image => return (&["application/octet-stream"], json!({})),
            Body::Page => return (&["text/markdown"], json!({ "type": "string" })),
            Body::OpenApi => json!({ "type": "object" }),
            Body::Acknowledgement => self.read::<Acknowledgement>(),
            Body::Decision => self.read::<Decision>(),
            Body::ImportRequest => self.read::<ImportRequest>(),
            Body::LaunchRequest => self.read::<LaunchRequest>(),
            Body::Registration => self.read::<Registration>(),
            Body::TokenRequest => self.read::<TokenRequest>(),
            Body::ValidateRequest => self.read::<ValidateRequest>(),
            Body::VmPatch => self.read::<VmPatch>(),
            Body::AuditPage => self.written::<AuditPage>(),
            Body::CheckpointList => self.written::<CheckpointList>(),
            Body::FirmwareList => self.written::<FirmwareList>(),
            Body::FirmwareView => self.written::<FirmwareView>(),
            Body::ImportAnswer => self.written::<ImportAnswer>(),
            Body::LaunchAnswer => self.written::<LaunchAnswer>(),
            Body::LaunchView => self.written::<LaunchView>(),
            Body::MeasureAnswer => self.written::<MeasureAnswer>(),
            Body::ServiceDocument => self.written::<ServiceDocument>(),
            Body::TokenList => self.written::<TokenList>(),
            Body::TokenView => self.written::<TokenView>(),
            Body::ValidateAnswer => self.written::<ValidateAnswer>(),
            Body::VmList => self.written::<VmList>(),
            Body::VmView => self.written::<VmView>(),
        };
        let patch: &[&str] = &["application/json", "application/merge-patch+json"];
        (if body == Body::VmPatch { patch } else { &["application/json"] }, schema)
    }

    /// Every definition by its name. What stands in requests and in answers is the same in both.
    pub(super) fn into_definitions(mut self) -> Map<String, Value> {
        let mut definitions = self.answers.take_definitions(true);
        definitions.values_mut().for_each(leave_out);
        let mut requests = self.requests.take_definitions(true);
        requests.values_mut().for_each(without_null_defaults);
        definitions.extend(requests);
        definitions
    }
}

/// A member that is left out is none, which is something else than null: of a patch, null removes.
fn without_null_defaults(schema: &mut Value) {
    let Some(Value::Object(members)) = schema.get_mut("properties") else { return };
    for member in members.values_mut().filter_map(Value::as_object_mut) {
        if member.get("default").is_some_and(Value::is_null) {
            member.remove("default");
        }
    }
}

/// A member of an answer that is not required is left out rather than null, so its schema has no null.
fn leave_out(schema: &mut Value) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| {
        required.as_array().is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name)))
    };
    let Some(Value::Object(members)) = schema.get_mut("properties") else { return };
    for (name, member) in members {
        if !is_required(name) {
            without_null(member);
        }
    }
}

fn without_null(schema: &mut Value) {
    let Value::Object(schema) = schema else { return };
    schema.remove("default");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_mut_slice() {
            let one = one.take();
            schema.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
        forms.retain(|form| form.get("type").is_none_or(|one| one != "null"));
        if let [Value::Object(form)] = forms.as_mut_slice() {
            let form = std::mem::take(form);
            schema.remove("anyOf");
            schema.extend(form);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn what_is_read_and_written_has_one_schema() {
        let mut schemas = Schemas::new();
        for route in ROUTES {
            let bodies = route.answers.iter().filter_map(|(_, body)| *body).chain(route.request);
            bodies.for_each(|body| drop(schemas.of(body)));
        }
        let mut answers = schemas.answers.take_definitions(true);
        answers.values_mut().for_each(leave_out);
        let requests = schemas.requests.take_definitions(true);
        let both = requests.iter().filter_map(|(name, one)| Some((name, one, answers.get(name)?)));
        let mut names = Vec::new();
        for (name, read, written) in both {
            assert_eq!(read, written, "{name}: two types, or two meanings, of one name");
            names.push(name.as_str());
        }
        assert!(names.contains(&"Scheme"), "{names:?}");
    }
}
