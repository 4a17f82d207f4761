%% A control socket inside the broker: takes Erlang expressions and answers with their value. It spares the start
%% of an Erlang machine that each rabbitmqctl costs. Only the owner of the broker's directory can reach it.
%%
%% Frames are prefixed with their length (four bytes). An answer starts with j (JSON), t (a term) or e (an error).
Answer = fun(Text) ->
    try
        {ok, Tokens, _} = erl_scan:string(Text),
        {ok, Expressions} = erl_parse:parse_exprs(Tokens),
        {value, Value, _} = erl_eval:exprs(Expressions, []),
        case Value of
            {json, Term} -> [$j, rabbit_json:encode(Term)];
            _ -> [$t, unicode:characters_to_binary(io_lib:format("~0tp", [Value]))]
        end
    catch
        _:Reason -> [$e, unicode:characters_to_binary(io_lib:format("~0tp", [Reason]))]
    end
end,
Serve = fun(Socket) ->
    (fun Next() ->
        case gen_tcp:recv(Socket, 0) of
            {ok, Request} ->
                gen_tcp:send(Socket, Answer(unicode:characters_to_list(Request))),
                Next();
            {error, _} -> ok
        end
    end)()
end,
Path = os:getenv("RPC_TEST_CONTROL"),
spawn(fun() ->
    file:delete(Path),
    {ok, Listener} = gen_tcp:listen(0, [{ifaddr, {local, Path}}, binary, {packet, 4}, {active, false}, {backlog, 64}]),
    (fun Accept() ->
        {ok, Socket} = gen_tcp:accept(Listener),
        Server = spawn(fun() -> receive go -> Serve(Socket) end end),
        ok = gen_tcp:controlling_process(Socket, Server),
        Server ! go,
        Accept()
    end)()
end).
