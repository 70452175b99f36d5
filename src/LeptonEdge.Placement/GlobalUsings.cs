global using Privacy = LeptonEdge.Core.Plans.Privacy;
