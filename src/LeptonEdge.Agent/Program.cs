return await LeptonEdge.Agent.AgentHost.RunAsync(args);
