global using OffloadChoices = LeptonEdge.Core.Plans.OffloadChoices;
global using Privacy = LeptonEdge.Core.Plans.Privacy;
