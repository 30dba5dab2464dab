package dev.millrace.tokenizer.placement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Decides which workers hold which stages: those that failed least, then those that held a stage before, then those
/// that came first. A worker keeps its former stage where possible, because it may still have the weights; the others
/// take theirs in the order of their ids, so that whoever names workers knows what each will hold.
final class StageChoice {
    private StageChoice() {}

    /// One worker a stage, in order; empty when there are too few. `workers` come in the order of their registration.
    static Optional<List<Worker>> choose(Collection<Worker> workers, int stages) {
        if (workers.size() < stages) {
            return Optional.empty();
        }
        List<Worker> free = workers.stream()
                .sorted(Comparator.comparingInt(Worker::failures).thenComparing(worker -> worker.lastStage() < 0))
                .limit(stages)
                .collect(ArrayList::new, ArrayList::add, ArrayList::addAll);
        List<Optional<Worker>> former = new ArrayList<>();
        for (int stage = 0; stage < stages; stage++) {
            int wanted = stage;
            Optional<Worker> holder =
                    free.stream().filter(worker -> worker.lastStage() == wanted).findFirst();
            holder.ifPresent(free::remove);
            former.add(holder);
        }
        // worker-10 comes after worker-9.
        free.sort(
                Comparator.comparingInt((Worker worker) -> worker.id().length()).thenComparing(Worker::id));
        return Optional.of(former.stream()
                .map(holder -> holder.orElseGet(free::removeFirst))
                .toList());
    }
}
