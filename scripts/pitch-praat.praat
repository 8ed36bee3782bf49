# The pitch of a sound file as Praat's autocorrelation method sees it: one line "time f0" per frame, f0 0 when unvoiced.
form Pitch of a file
  sentence input sound.wav
  sentence output pitch.txt
endform
Read from file: input$
To Pitch (ac): 0.01, 75, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, 500
frames = Get number of frames
writeFile: output$, ""
for frame to frames
  time = Get time from frame number: frame
  f0 = Get value in frame: frame, "Hertz"
  if f0 = undefined
    f0 = 0
  endif
  appendFileLine: output$, fixed$ (time, 6), " ", fixed$ (f0, 4)
endfor
