//! Who asks, and so which rows there are: the part of a request's context that decides over the database.

use conductor_api::havana::{Code, NovaError};
use rpc_runtime::{Context, Failure};

use super::errors::unexpected;
use crate::store::{Query, ReadDeleted};

/// The rights of a caller.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    admin: bool,
    project: Option<String>,
    user: Option<String>,
    deleted: ReadDeleted,
}

impl Caller {
    /// The caller of a method that only administrators may call.
    pub(super) fn admin(ctx: &Context) -> Result<Self, NovaError> {
        let caller = Self::anybody(ctx)?;
        if !caller.admin {
            return Err(unexpected(NovaError::AdminRequired { code: Code }));
        }
        Ok(caller)
    }

    /// The caller of a method that anybody may call who is known.
    pub(super) fn known(ctx: &Context) -> Result<Self, NovaError> {
        let caller = Self::anybody(ctx)?;
        if !caller.admin && !caller.is_user() {
            return Err(unexpected(NovaError::NotAuthorized { code: Code }));
        }
        Ok(caller)
    }

    /// The caller of a method that runs with the rights of an administrator, whoever asks.
    pub(super) fn elevated(ctx: &Context) -> Result<Self, NovaError> {
        Ok(Self {
            admin: true,
            ..Self::anybody(ctx)?
        })
    }

    /// The caller of a method that asks for no rights.
    pub(super) fn anybody(ctx: &Context) -> Result<Self, NovaError> {
        let deleted = match ctx.get("read_deleted").and_then(|value| value.as_str()) {
            None | Some("no") => ReadDeleted::No,
            Some("yes") => ReadDeleted::Yes,
            Some("only") => ReadDeleted::Only,
            Some(other) => {
                let text = format!("Unrecognized read_deleted value '{other}'");
                return Err(unexpected(Failure::new("builtins", "Exception", text).into()));
            }
        };
        Ok(Self {
            admin: ctx.is_admin(),
            project: ctx.project_id().map(str::to_owned),
            user: ctx.user_id().map(str::to_owned),
            deleted,
        })
    }

    fn is_user(&self) -> bool {
        !self.admin && self.project.is_some() && self.user.is_some()
    }

    /// The rows of a table, deleted ones if the context wants them.
    pub(super) fn rows(&self, table: &str) -> Query {
        Query::of(table).deleted(self.deleted)
    }

    /// Of these rows, the ones of the caller's project; for an administrator, all.
    pub(super) fn of_project(&self, query: Query) -> Query {
        match &self.project {
            Some(project) if self.is_user() => query.eq("project_id", project),
            _ => query,
        }
    }

    /// Of these rows, the ones of the caller's project, or of the caller where there is no project; for an
    /// administrator, all.
    pub(super) fn own(&self, query: Query) -> Query {
        match &self.project {
            _ if self.admin => query,
            Some(project) => query.eq("project_id", project),
            None => query.eq("user_id", self.user.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_those_of_the_context() {
        let user = Context::new().user("u").project("p");
        assert!(matches!(
            Caller::admin(&user),
            Err(NovaError::AdminRequired { .. })
        ));
        assert!(Caller::known(&user).is_ok() && Caller::elevated(&user).is_ok());
        assert!(Caller::admin(&Context::admin()).is_ok());
        assert!(matches!(
            Caller::known(&Context::new()),
            Err(NovaError::NotAuthorized { .. })
        ));

        let all = || Query::of("instances");
        let user = Caller::known(&user).unwrap();
        assert_eq!(user.of_project(all()), all().eq("project_id", "p"));
        let admin = Caller::admin(&Context::admin().project("p")).unwrap();
        assert_eq!((admin.of_project(all()), admin.own(all())), (all(), all()));
    }

    #[test]
    fn deleted_rows_are_seen_if_the_context_says_so() {
        let rows = |value: &str| {
            let ctx = Context::admin().with("read_deleted", value);
            Caller::admin(&ctx).map(|caller| caller.rows("instances"))
        };
        let all = || Query::of("instances");
        assert_eq!(rows("no").unwrap(), all());
        assert_eq!(rows("yes").unwrap(), all().deleted(ReadDeleted::Yes));
        assert_eq!(rows("only").unwrap(), all().deleted(ReadDeleted::Only));
        let error = rows("maybe").unwrap_err().to_string();
        assert!(
            error.contains("Unrecognized read_deleted value 'maybe'"),
            "{error}"
        );
    }
}
