import { type Json, type JsonObject } from '@joinery/core';
import { defineTask, type Task } from './define-task.ts';

/** A task type that answers with its input: for trying out definitions before their handlers exist. */
export function echoTask(type: string): Task {
  return defineTask<JsonObject, Json>({ type, run: (input) => input });
}
