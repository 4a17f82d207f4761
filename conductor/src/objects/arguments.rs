//! The arguments of an object's method, matched with its parameters as Python matches them. It knows no method.

use rpc_runtime::Failure;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a caller passes to a method: by position, and by name.
#[derive(Debug)]
pub(crate) struct Passed<'a> {
    /// The class and the method, for errors.
    pub(crate) class: &'a str,
    pub(crate) method: &'a str,
    pub(crate) args: Vec<Value>,
    pub(crate) kwargs: Map<String, Value>,
}

/// Arguments under the names of their parameters.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// The class and the method, for errors.
    function: String,
    values: Map<String, Value>,
}

impl Passed<'_> {
    /// Gives each argument its parameter. A parameter whose name ends in `?` has a default in Nova.
    pub(crate) fn bind(self, parameters: &[&str]) -> Result<Arguments, Failure> {
        let function = format!("{}.{}", self.class, self.method);
        let name = |parameter: &&str| parameter.trim_end_matches('?').to_owned();
        let error = |text: String| Failure::type_error(format!("{function}() {text}"));
        if self.args.len() > parameters.len() {
            let text = format!(
                "takes {} positional arguments but {} were given",
                parameters.len(),
                self.args.len()
            );
            return Err(error(text));
        }
        let mut values: Map<String, Value> = parameters.iter().map(name).zip(self.args).collect();
        for (argument, value) in self.kwargs {
            if !parameters.iter().any(|parameter| name(parameter) == argument) {
                return Err(error(format!("got an unexpected keyword argument '{argument}'")));
            }
            if values.contains_key(&argument) {
                return Err(error(format!("got multiple values for argument '{argument}'")));
            }
            values.insert(argument, value);
        }
        let missing = parameters
            .iter()
            .find(|parameter| !parameter.ends_with('?') && !values.contains_key(**parameter));
        if let Some(parameter) = missing {
            return Err(error(format!("missing a required argument: '{parameter}'")));
        }
        Ok(Arguments { function, values })
    }
}

impl Arguments {
    /// The argument as a type; an error if it is null, or another.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Failure> {
        let value = self.values.remove(name).unwrap_or_default();
        serde_json::from_value(value).map_err(|error| {
            let text = format!("{}() argument '{name}': {error}", self.function);
            Failure::type_error(text)
        })
    }

    /// The argument as it came; null if it did not.
    pub(crate) fn value(&mut self, name: &str) -> Value {
        self.values.remove(name).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bind(args: Value, kwargs: Value) -> Result<Arguments, Failure> {
        let passed = Passed {
            class: "Service",
            method: "get",
            args: serde_json::from_value(args).unwrap(),
            kwargs: serde_json::from_value(kwargs).unwrap(),
        };
        passed.bind(&["host", "binary", "use_slave?"])
    }

    #[test]
    fn arguments_come_by_position_and_by_name() {
        let mut arguments = bind(json!(["a"]), json!({"binary": "b"})).unwrap();
        assert_eq!(arguments.take::<String>("host").unwrap(), "a");
        assert_eq!(arguments.take::<String>("binary").unwrap(), "b");
        assert_eq!(arguments.take::<Option<bool>>("use_slave").unwrap(), None);
    }

    #[test]
    fn what_does_not_fit_is_a_type_error() {
        let text = |args, kwargs| {
            let failure = bind(args, kwargs).unwrap_err();
            assert_eq!(
                (failure.module.as_str(), failure.class.as_str()),
                ("builtins", "TypeError")
            );
            failure.message
        };
        assert_eq!(
            text(json!(["a"]), json!({})),
            "Service.get() missing a required argument: 'binary'"
        );
        assert_eq!(
            text(json!(["a", "b"]), json!({"host": "c"})),
            "Service.get() got multiple values for argument 'host'"
        );
        assert_eq!(
            text(json!([]), json!({"node": "c"})),
            "Service.get() got an unexpected keyword argument 'node'"
        );
        assert_eq!(
            text(json!([1, 2, 3, 4]), json!({})),
            "Service.get() takes 3 positional arguments but 4 were given"
        );
        let mut arguments = bind(json!([5, "b"]), json!({})).unwrap();
        let failure = arguments.take::<String>("host").unwrap_err();
        assert!(
            failure.message.starts_with("Service.get() argument 'host': "),
            "{failure}"
        );
    }
}
