//! The database URLs of SQLAlchemy in the form of ours: without the name of Python's driver, and without options that
//! only that driver understands.

/// What may follow the `?` of a URL of ours.
const OPTIONS: &[&str] = &["charset", "sslmode", "ssl_ca", "ssl_cert", "ssl_key"];

/// `mysql+pymysql://user:password@host/nova?charset=utf8` is `mysql://user:password@host/nova?charset=utf8`.
pub(super) fn url(connection: &str) -> Result<String, String> {
    const ADVICE: &str =
        "write mysql://, postgresql:// or sqlite:///, as in mysql+pymysql://nova:SECRET@db/nova";
    let (scheme, rest) = connection.trim().split_once("://").ok_or(ADVICE)?;
    let (dialect, _driver) = scheme.split_once('+').unwrap_or((scheme, ""));
    let dialect = match dialect {
        "mysql" | "mariadb" => "mysql",
        "postgresql" | "postgres" => "postgresql",
        // Three slashes and a path; four for one from the root.
        "sqlite" => {
            return match rest.strip_prefix('/') {
                Some("") | None => {
                    Err("a database in memory is lost at the end: write sqlite:////path/of/a/file".to_owned())
                }
                Some(path) => Ok(format!("sqlite://{path}")),
            };
        }
        _ => return Err(ADVICE.to_owned()),
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let kept: Vec<&str> = query
        .split('&')
        .filter(|option| {
            option
                .split_once('=')
                .is_some_and(|(name, _)| OPTIONS.contains(&name))
        })
        .collect();
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    Ok(format!("{dialect}://{place}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_of_python_is_left_out() {
        for (connection, expected) in [
            (
                "mysql+pymysql://nova:p%40ss@db:3306/nova?charset=utf8&plugin=x",
                "mysql://nova:p%40ss@db:3306/nova?charset=utf8",
            ),
            ("mysql://nova:pass@db/nova", "mysql://nova:pass@db/nova"),
            ("postgresql+psycopg2://nova@/nova", "postgresql://nova@/nova"),
            (
                "sqlite:////var/lib/nova/nova.sqlite",
                "sqlite:///var/lib/nova/nova.sqlite",
            ),
            ("sqlite:///nova.sqlite", "sqlite://nova.sqlite"),
        ] {
            assert_eq!(url(connection).as_deref(), Ok(expected));
        }
        for bad in ["", "oracle://db", "sqlite://", "hunter2@db"] {
            assert!(!url(bad).unwrap_err().contains("hunter2"), "{bad}");
        }
    }
}
