/** What on-call people get to read. */
export interface Announcement {
  /** Printable ASCII, fewer than 100 characters, as SNS asks of a subject. */
  subject: string;
  message: string;
}

/** Tells on-call people. Ends within its own time limit, and throws what the platform throws. */
export interface Announcer {
  publish(announcement: Announcement): Promise<void>;
}
