package dev.millrace.cli.bench.synth;

/// The sizes of a model as its makers published them.
///
/// @param name as the option has it
/// @param family what its tensors, keys and vocabulary are like
/// @param layers `L`
/// @param hidden `H`
/// @param heads `Q`
/// @param kvHeads `K`
/// @param headSize `D`
/// @param feedForward `F`
/// @param vocabulary `V`
/// @param tied whether the embedding is the output matrix too
/// @param contextTokens what it was made for
/// @param ropeFactor by how much Llama 3 slows the slowest rotations, or 0
record Shape(
        String name,
        Family family,
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headSize,
        int feedForward,
        int vocabulary,
        boolean tied,
        int contextTokens,
        int ropeFactor) {

    static Shape qwen(
            String name,
            int layers,
            int hidden,
            int heads,
            int kvHeads,
            int feedForward,
            int vocabulary,
            boolean tied) {
        return new Shape(
                name,
                Family.QWEN2,
                layers,
                hidden,
                heads,
                kvHeads,
                hidden / heads,
                feedForward,
                vocabulary,
                tied,
                32768,
                0);
    }

    static Shape llama(
            String name,
            int layers,
            int hidden,
            int heads,
            int kvHeads,
            int feedForward,
            boolean tied,
            int ropeFactor) {
        return new Shape(
                name,
                Family.LLAMA3,
                layers,
                hidden,
                heads,
                kvHeads,
                hidden / heads,
                feedForward,
                128256,
                tied,
                131072,
                ropeFactor);
    }
}
