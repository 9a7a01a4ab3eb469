package stallcast.worker.protocol;

/**
 * What a worker receives: {@link ToWorker} from the coordinator, and its own internal messages,
 * which never cross the wire.
 */
public interface WorkerInbox {}
