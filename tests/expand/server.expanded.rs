struct ConductorService {
    conductor: ConductorManager,
    tasks: ComputeTaskManager,
    started: Instant,
}
impl ::rpc_runtime::RpcServer for ConductorService {
    fn apis(&self) -> &[&'static ::rpc_runtime::ApiSpec] {
        const APIS: &[&::rpc_runtime::ApiSpec] = &[
            <ConductorApi as ::rpc_runtime::Api>::SPEC,
            <ComputeTaskApi as ::rpc_runtime::Api>::SPEC,
        ];
        APIS
    }
    fn dispatch(&self, request: ::rpc_runtime::Incoming) -> ::rpc_runtime::Dispatch<'_> {
        if request.is_for(<ConductorApi as ::rpc_runtime::Api>::SPEC) {
            return <ConductorApi as ::rpc_runtime::Serve<
                ConductorManager,
            >>::dispatch(&self.conductor, request);
        }
        if request.is_for(<ComputeTaskApi as ::rpc_runtime::Api>::SPEC) {
            return <ComputeTaskApi as ::rpc_runtime::Serve<
                ComputeTaskManager,
            >>::dispatch(&self.tasks, request);
        }
        ::rpc_runtime::__private::unsupported_version(&request)
    }
}
const _: () = ::rpc_runtime::__private::assert_disjoint(
    &[
        (<ConductorApi as ::rpc_runtime::Api>::SPEC, "conductor"),
        (<ComputeTaskApi as ::rpc_runtime::Api>::SPEC, "tasks"),
    ],
);
struct Small<S: Store>(SmallManager<S>);
impl<S: Store> crate::bus::RpcServer for Small<S>
where
    Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    SmallApi: crate::bus::Serve<SmallManager<S>>,
{
    fn apis(&self) -> &[&'static crate::bus::ApiSpec] {
        const APIS: &[&crate::bus::ApiSpec] = &[<SmallApi as crate::bus::Api>::SPEC];
        APIS
    }
    fn dispatch(&self, request: crate::bus::Incoming) -> crate::bus::Dispatch<'_> {
        if request.is_for(<SmallApi as crate::bus::Api>::SPEC) {
            return <SmallApi as crate::bus::Serve<
                SmallManager<S>,
            >>::dispatch(&self.0, request);
        }
        crate::bus::__private::unsupported_version(&request)
    }
}
const _: () = crate::bus::__private::assert_disjoint(
    &[(<SmallApi as crate::bus::Api>::SPEC, "0")],
);
