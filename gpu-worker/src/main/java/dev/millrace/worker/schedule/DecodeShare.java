package dev.millrace.worker.schedule;

/// How sequences that decode are spread over microbatches.
///
/// A sequence can be in one step at a time, so one microbatch with all of them would leave every stage but one without
/// work. With `N` stages they are spread over `N` groups that follow each other through the pipeline. A group more
/// would
/// hide the time of the hand-over too, but makes groups smaller; as long as a step with few sequences costs what
/// reading
/// the weights costs, that is a loss. From [#FULL_GROUP] sequences in a group on, the time of a step grows with them,
/// and
/// `N + 1` groups are formed.
///
/// Groups that broke up, as sequences came and went, grow together again: while there are enough microbatches to keep
/// every stage at work, ready sequences wait until they fill a group.
final class DecodeShare {

    private static final int FULL_GROUP = 4;

    private DecodeShare() {}

    /// Microbatches that the sequences are spread over.
    static int groups(int stageCount, int decoding) {
        if (stageCount == 1) {
            return 1;
        }
        return decoding >= FULL_GROUP * (stageCount + 1) ? stageCount + 1 : stageCount;
    }

    /// Sequences of one microbatch, at the most.
    static int share(int stageCount, int decoding) {
        int groups = groups(stageCount, decoding);
        return (decoding + groups - 1) / groups;
    }
}
