/// The engine loop: one thread that owns sequences, blocks and plan; and the stages behind it.
///
/// ```
/// EngineClient.arrive -> inbox --+                                 Handover        Handover
///                                v                  stage 0 -> | StageRunner -> ... StageRunner | -> OutputSink
///                   take in -> plan -> forward ----------------+                                       |
///                      ^                                                                               |
///                      +---- outputs <---------------- Engine.stepOutput <-----------------------------+
/// ```
@NullMarked
package dev.millrace.worker.engine;

import org.jspecify.annotations.NullMarked;
