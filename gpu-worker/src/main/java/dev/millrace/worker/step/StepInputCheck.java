package dev.millrace.worker.step;

/// Checks every index of a packed step that came from another process: kernels trust what passed here.
record StepInputCheck(StepInput input, StepLimits limits) {

    void run() {
        require(input.tokenCount() > 0 && input.tokenCount() <= limits.maxTokens(), "tokens", input.tokenCount());
        require(
                input.sequenceCount() > 0 && input.sequenceCount() <= limits.maxSequences(),
                "sequences",
                input.sequenceCount());
        require(input.sampleCount() <= input.sequenceCount(), "samples", input.sampleCount());
        require(input.stepsInFlight() >= 0, "steps in flight", input.stepsInFlight());
        int nextToken = 0;
        int nextTable = 0;
        for (int s = 0; s < input.sequenceCount(); s++) {
            require(input.firstToken(s) == nextToken, "first token", input.firstToken(s));
            require(
                    input.tokenCount(s) > 0 && input.tokenCount(s) <= input.tokenCount() - nextToken,
                    "token count",
                    input.tokenCount(s));
            require(input.blockTableStart(s) == nextTable, "block table start", input.blockTableStart(s));
            int blocks = input.blockCount(s);
            require(blocks > 0 && blocks <= input.tableWords() - nextTable, "block count", blocks);
            checkSequence(s, blocks);
            nextToken += input.tokenCount(s);
            nextTable += blocks;
        }
        require(nextToken == input.tokenCount(), "tokens of sequences", nextToken);
        require(nextTable == input.tableWords(), "blocks of sequences", nextTable);
        for (int n = 0; n < input.sampleCount(); n++) {
            checkSample(n);
        }
    }

    private void checkSequence(int s, int blocks) {
        int context = input.contextLength(s);
        require(
                context > 0
                        && context <= limits.contextLength()
                        && context <= (long) blocks * StepInput.BLOCK_TOKENS
                        && context >= input.tokenCount(s),
                "context length",
                context);
        for (int b = 0; b < blocks; b++) {
            require(input.block(s, b) >= 0 && input.block(s, b) < limits.kvBlocks(), "block", input.block(s, b));
        }
        int first = input.firstToken(s);
        for (int i = 0; i < input.tokenCount(s); i++) {
            int t = first + i;
            int position = context - input.tokenCount(s) + i;
            int id = input.tokenId(t);
            require(id < limits.vocabularySize() && id >= -limits.maxSequences(), "token id", id);
            require(input.sequenceRow(t) == s, "sequence row", input.sequenceRow(t));
            require(input.position(t) == position, "position", input.position(t));
            int block = input.block(s, position / StepInput.BLOCK_TOKENS);
            require(
                    input.slot(t) == block * StepInput.BLOCK_TOKENS + position % StepInput.BLOCK_TOKENS,
                    "slot",
                    input.slot(t));
        }
    }

    private void checkSample(int n) {
        require(input.sampleToken(n) >= 0 && input.sampleToken(n) < input.tokenCount(), "sample", input.sampleToken(n));
        require(
                input.topLogprobs(n) >= -1 && input.topLogprobs(n) <= SamplingParameters.MAX_TOP_LOGPROBS,
                "top logprobs",
                input.topLogprobs(n));
        require(
                input.samplePlace(n) >= 0 && input.samplePlace(n) < limits.maxSequences(),
                "sample place",
                input.samplePlace(n));
        requirePairs(input.penaltyStart(n), input.penaltyCount(n));
        for (int i = 0; i < input.penaltyCount(n); i++) {
            requireToken(input.penaltyToken(n, i));
        }
        requirePairs(input.biasStart(n), input.biasCount(n));
        for (int i = 0; i < input.biasCount(n); i++) {
            requireToken(input.biasToken(n, i));
        }
    }

    private void requirePairs(int start, int count) {
        require(start >= 0 && count >= 0 && start + 2L * count <= input.extraWords(), "extra words", count);
    }

    private void requireToken(int id) {
        require(id >= 0 && id < limits.vocabularySize(), "token id", id);
    }

    private void require(boolean holds, String what, long found) {
        if (!holds) {
            throw new IllegalArgumentException(what + " " + found + " is out of range in a packed step");
        }
    }
}
