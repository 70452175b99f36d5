namespace LeptonEdge.Placement.Solving;

/// <summary>The best few continuations of a chain at each depth, ascending.</summary>
/// <param name="breadth">How many are kept at each depth.</param>
internal sealed class ChainOffers(int[] breadth)
{
    public const int BreadthMax = 16;
    private readonly double[] _score = new double[ChainSearch.DepthMax * BreadthMax];
    private readonly int[] _item = new int[ChainSearch.DepthMax * BreadthMax];
    private readonly int[] _option = new int[ChainSearch.DepthMax * BreadthMax];

    /// <summary>By depth times <see cref="BreadthMax"/> and place.</summary>
    public (int Item, int Option) At(int at) => (_item[at], _option[at]);

    /// <summary>Takes one if it is among the best at its depth; returns how many there are now.</summary>
    public int Offer(int depth, int count, double score, int item, int option)
    {
        var (at, most) = (depth * BreadthMax, Math.Min(BreadthMax, breadth[depth]));
        if (count == most && score >= _score[at + most - 1])
            return count;
        var place = count < most ? count : most - 1;
        while (place > 0 && _score[at + place - 1] > score)
        {
            _score[at + place] = _score[at + place - 1];
            _item[at + place] = _item[at + place - 1];
            _option[at + place] = _option[at + place - 1];
            place--;
        }

        (_score[at + place], _item[at + place], _option[at + place]) = (score, item, option);
        return Math.Min(count + 1, most);
    }
}
