export {
  AUDIOHOOK_FAILURE_DELAY_MS,
  type AudiohookFailure,
  type AudiohookIdentity,
  type AudiohookRequest,
  type AudiohookVerdict,
  signAudiohookRequest,
  verifyAudiohookRequest,
} from './audiohook-signature.ts';
export { type ArrivedRequest, dialledUrl, type PublicUrlOptions } from './public-url.ts';
export { isSignedByTwilio, type TwilioRequest, twilioSignature } from './twilio-signature.ts';
