export { type ArrivedRequest, dialledUrl, type PublicUrlOptions } from './public-url.ts';
export { isSignedByTwilio, type TwilioRequest, twilioSignature } from './twilio-signature.ts';
