/** CPUs, tasks, run queues and the ports through which mechanisms talk. */
package stallcast.kernel.cpu;
