/// A server.
#[derive(Wire)]
#[serde(rename_all = "camelCase")]
struct Server<T> {
    /// Its key.
    server_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Server<T>>,
    #[rpc(opaque)]
    more: T,
}

#[derive(Wire)]
#[serde(tag = "kind")]
enum Change {
    Nothing,
    Move(Host),
    Resize { size: u32 },
}
