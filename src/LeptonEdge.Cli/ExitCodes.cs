namespace LeptonEdge.Cli;

/// <summary>How a command ended, for scripts: these numbers stay.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>It could not be done, for a reason that no other number names.</summary>
    public const int Failed = 1;

    /// <summary>An option, an argument or a field of what was sent is wrong.</summary>
    public const int Usage = 2;

    public const int NotFound = 3;

    /// <summary>No token, one that the hub does not accept, or one whose role may not do it.</summary>
    public const int NotAllowed = 4;

    /// <summary>The hub cannot be reached, or is not able to answer now.</summary>
    public const int Away = 5;

    /// <summary>What <c>wait</c> waited for did not come in time.</summary>
    public const int TimedOut = 6;

    /// <summary>The question was answered, by no: a job that failed, a chain that is broken, a check that failed, a
    /// model that loses too much.</summary>
    public const int No = 7;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>For <c>lepton help exit-codes</c>.</summary>
    public const string Table = """
        0     done
        1     failed, for a reason that no other number names; of many, some failed
        2     an option, an argument or a field of what was sent is wrong
        3     not found
        4     not allowed: no token, one that the hub does not accept, or a role that may not do it
        5     the hub cannot be reached, or is not able to answer now
        6     what 'wait' waited for did not come in time
        7     asked and answered, by no: a job failed, a check of 'doctor' failed, the audit chain is broken, a model
              loses too much
        130   ended by Ctrl-C

        """;

    public const string Help = "Exit status: 0 done; 1 failed; 2 wrong option, argument or field; 3 not found; 4 not "
        + "allowed; 5 hub away; 6 waited in vain; 7 asked and answered: no (a job failed, a check failed, a chain is "
        + "broken); 130 ended by Ctrl-C.";
}
