using System.Collections.Frozen;

namespace LeptonEdge.Inference.Graphs;

/// <summary>Operators that ONNX Runtime knows. What stands in none of these sets would fail there anyway, later and in
/// other words.</summary>
/// <remarks>Operator lists of ONNX's specification, operator sets 7 to 26, and of ONNX Runtime's own domain.</remarks>
internal static class OperatorSets
{
    public const long OpsetMin = 7;
    public const long OpsetMax = 26;

    private static readonly FrozenSet<string> Standard = Split("""
        Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
        BatchNormalization Bernoulli BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast
        CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv
        ConvInteger ConvTranspose Cos Cosh CumProd CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout
        DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND
        Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization
        HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If ImageDecoder InstanceNormalization IsInf
        IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop LpNormalization LpPool MatMul
        MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul
        Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement
        OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal
        RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum
        ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape
        Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan Scatter ScatterElements ScatterND Selu
        SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink
        Sigmoid Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split
        SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish Tan Tanh TensorScatter
        TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor
        """);

    private static readonly FrozenSet<string> MachineLearning = Split("""
        ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer LabelEncoder
        LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler TreeEnsemble
        TreeEnsembleClassifier TreeEnsembleRegressor ZipMap
        """);

    private static readonly FrozenSet<string> Runtime = Split("""
        Attention BiasAdd BiasDropout BiasGelu BiasSoftmax BiasSplitGelu BifurcationDetector BitmaskBiasDropout
        BitmaskDropout CDist ComplexMul ComplexMulConj ConvTransposeWithDynamicPads CropAndResize DecoderAttention
        DecoderMaskedMultiHeadAttention DecoderMaskedSelfAttention DequantizeBFP DequantizeLinear
        DequantizeWithOrder DynamicQuantizeLSTM DynamicQuantizeMatMul DynamicTimeWarping EPContext
        EmbedLayerNormalization ExpandDims FastGelu FusedConv FusedGemm FusedMatMul FusedMatMulActivation
        GatedRelativePositionBias GatherBlockQuantized GatherND Gelu GemmFastGelu GemmFloat8 GemmaRotaryEmbedding GridSample GroupNorm
        GroupQueryAttention Inverse Irfft LongformerAttention MatMulBnb4 MatMulFpQ4 MatMulInteger16
        MatMulIntegerToFloat MatMulNBits MaxpoolWithMask MoE MulInteger MultiHeadAttention MurmurHash3 NGramRepeatBlock
        NhwcConv NhwcFusedConv NhwcMaxPool PackedAttention PackedMultiHeadAttention Pad PagedAttention QAttention QGemm
        QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul
        QLinearReduceMean QLinearSigmoid QLinearSoftmax QLinearWhere QMoE QOrderedAttention QOrderedGelu
        QOrderedLayerNormalization QOrderedLongformerAttention QOrderedMatMul QuantizeBFP QuantizeLinear
        QuantizeWithOrder QuickGelu Range ReduceSumInteger RelativePositionBias RemovePadding RestorePadding Rfft
        RotaryEmbedding SampleOp Sampling SimplifiedLayerNormalization SkipGroupNorm SkipLayerNormalization
        SkipSimplifiedLayerNormalization Snpe SparseAttention SparseToDenseMatMul Tokenizer TorchEmbedding
        TransposeMatMul Trilu UnfoldTensor Unique WhisperBeamSearch WordConvEmbedding BeamSearch GreedySearch
        """);

    /// <summary>Why the operators of a domain, at this version, cannot be had; null if they can.</summary>
    public static string? FaultOf(string domain, long version) => domain switch
    {
        "" or "ai.onnx" when version is < OpsetMin or > OpsetMax =>
            $"it uses operator set {version}; export it with one from {OpsetMin} to {OpsetMax}",
        "ai.onnx.ml" when version is < 1 or > 5 => $"it uses ai.onnx.ml version {version}; export it with 1 to 5",
        "com.microsoft" when version != 1 => $"it uses com.microsoft version {version}; there is only 1",
        _ => null,
    };

    public static bool Has(string domain, string name) => domain switch
    {
        "" or "ai.onnx" => Standard.Contains(name)

            // Written by older exporters for what became standard later; ONNX Runtime still reads them.
            || name is "SimplifiedLayerNormalization" or "Affine" or "ThresholdedRelu" or "Crop" or "ImageScaler"
                or "ParametricSoftplus" or "ScaledTanh" or "DynamicSlice" or "MeanVarianceNormalization",
        "ai.onnx.ml" => MachineLearning.Contains(name),
        "com.microsoft" => Runtime.Contains(name),
        "com.microsoft.nchwc" => name is "AveragePool" or "Conv" or "GlobalAveragePool" or "GlobalMaxPool" or "MaxPool"
            or "ReorderInput" or "ReorderOutput" or "Upsample",
        _ => false,
    };

    private static FrozenSet<string> Split(string names) =>
        names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();
}
