return await LeptonEdge.Hub.HubHost.RunAsync(args);
